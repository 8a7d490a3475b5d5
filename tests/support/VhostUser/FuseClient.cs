using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Support.VhostUser;

/// <summary>What a guest kernel's FUSE says, one request at a time, on a ring's first slot.</summary>
internal sealed unsafe class FuseClient
{
    private const int WaitMilliseconds = 30_000;

    private readonly DriverRing _ring;
    private ulong _unique;

    public FuseClient(DriverRing ring) => _ring = ring;

    /// <summary>INIT as a kernel of protocol 7.42 sends it, without the offer to skip opens.</summary>
    public InitOut Initialize(InitFlags flags = InitFlags.InitExtended | InitFlags.MaxPages | InitFlags.DoReadDirPlus | InitFlags.BigWrites | InitFlags.AsyncRead)
    {
        InitIn init = new() { Major = 7, Minor = 42, MaxReadAhead = 128 << 10, Flags = (uint)flags, Flags2 = (uint)((ulong)flags >> 32) };
        return Require<InitOut>(Call(Opcode.Init, 0, Bytes(init), Unsafe.SizeOf<InitOut>()));
    }

    /// <summary>A name's entry, or its errno.</summary>
    public (Errno Errno, EntryOut Entry) Lookup(ulong parent, string name)
        => Optional<EntryOut>(Call(Opcode.Lookup, parent, [.. System.Text.Encoding.UTF8.GetBytes(name), 0], Unsafe.SizeOf<EntryOut>()));

    public (Errno Errno, AttrOut Attributes) GetAttributes(ulong inode)
        => Optional<AttrOut>(Call(Opcode.GetAttr, inode, Bytes(default(GetAttrIn)), Unsafe.SizeOf<AttrOut>()));

    /// <summary>Opens; a device that needs no opens gives handle 0.</summary>
    public ulong Open(ulong inode, bool directory = false)
    {
        (Errno errno, OpenOut opened) = Optional<OpenOut>(Call(directory ? Opcode.OpenDir : Opcode.Open, inode, Bytes(default(OpenIn)), Unsafe.SizeOf<OpenOut>()));
        return errno is Errno.None or Errno.ENOSYS ? opened.Handle : throw new IOException($"open: {errno}");
    }

    public (Errno Errno, byte[] Data) Read(ulong inode, ulong handle, ulong offset, int size)
    {
        ReadIn read = new() { Handle = handle, Offset = offset, Size = (uint)size };
        return Call(Opcode.Read, inode, Bytes(read), size);
    }

    /// <summary>One request and its answer.</summary>
    public (Errno Errno, byte[] Data) Call(Opcode opcode, ulong inode, ReadOnlySpan<byte> body, int replyRoom)
    {
        Prepare(_ring, 0, opcode, inode, body, replyRoom, ++_unique);
        _ring.Submit(0);
        _ring.Publish();
        return Finish();
    }

    /// <summary>The answer to what stands in the first slot.</summary>
    public (Errno Errno, byte[] Data) Finish()
    {
        if (!_ring.Wait(WaitMilliseconds) || !_ring.TryReap(out int slot, out int length))
        {
            throw new TimeoutException("the device does not answer a request");
        }
        OutHeader header = *(OutHeader*)_ring.Reply(slot);
        if (length < sizeof(OutHeader) || header.Length != length || header.Unique != ((InHeader*)_ring.Request(slot))->Unique)
        {
            throw new IOException($"a used length of {length}, a reply of {header.Length} bytes to request {header.Unique}");
        }
        return ((Errno)(-header.Error), new ReadOnlySpan<byte>(_ring.Reply(slot) + sizeof(OutHeader), length - sizeof(OutHeader)).ToArray());
    }

    /// <summary>Writes a request into a slot, and shapes it.</summary>
    public static void Prepare(DriverRing ring, int slot, Opcode opcode, ulong inode, ReadOnlySpan<byte> body, int replyRoom, ulong unique)
    {
        byte* request = ring.Request(slot);
        *(InHeader*)request = new InHeader
        {
            Length = (uint)(DriverRing.RequestHeader + body.Length),
            Opcode = opcode,
            Unique = unique,
            NodeId = inode,
            ProcessId = 1,
        };
        body.CopyTo(new Span<byte>(request + DriverRing.RequestHeader, DriverRing.MaxBody));
        ring.Shape(slot, body.Length, replyRoom);
    }

    public static byte[] Bytes<T>(T value) where T : unmanaged => MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)).ToArray();

    private static T Require<T>((Errno Errno, byte[] Data) answer) where T : unmanaged
        => answer.Errno == Errno.None ? MemoryMarshal.Read<T>(answer.Data) : throw new IOException($"{typeof(T).Name}: {answer.Errno}");

    private static (Errno Errno, T Value) Optional<T>((Errno Errno, byte[] Data) answer) where T : unmanaged
        => answer.Errno == Errno.None ? (Errno.None, MemoryMarshal.Read<T>(answer.Data)) : (answer.Errno, default);
}
