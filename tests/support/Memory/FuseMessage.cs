using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Support.Memory;

/// <summary>Builds requests and takes replies apart, as a kernel does.</summary>
internal static class FuseMessage
{
    public static byte[] Build<T>(Opcode opcode, ulong inode, in T body, ReadOnlySpan<byte> tail = default, ulong unique = 1) where T : unmanaged
        => Build(opcode, inode, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in body)), tail, unique);

    public static byte[] Build(Opcode opcode, ulong inode, ReadOnlySpan<byte> body = default, ReadOnlySpan<byte> tail = default, ulong unique = 1)
    {
        byte[] message = new byte[Unsafe.SizeOf<InHeader>() + body.Length + tail.Length];
        MemoryMarshal.Write(message, new InHeader
        {
            Length = (uint)message.Length,
            Opcode = opcode,
            Unique = unique,
            NodeId = inode,
            UserId = 1000,
            GroupId = 1001,
            ProcessId = 4242,
        });
        body.CopyTo(message.AsSpan(Unsafe.SizeOf<InHeader>()));
        tail.CopyTo(message.AsSpan(Unsafe.SizeOf<InHeader>() + body.Length));
        return message;
    }

    /// <summary>The reply's error, after checking what every reply must have.</summary>
    public static Errno ErrorOf(byte[] reply, ulong unique = 1)
    {
        OutHeader header = MemoryMarshal.Read<OutHeader>(reply);
        if (header.Length != (uint)reply.Length || header.Unique != unique || header.Error > 0)
        {
            throw new InvalidDataException($"bad reply header: length {header.Length} of {reply.Length}, unique {header.Unique}, error {header.Error}");
        }
        return (Errno)(-header.Error);
    }

    public static ReadOnlySpan<byte> PayloadOf(byte[] reply)
    {
        Errno errno = ErrorOf(reply);
        return errno == Errno.None ? reply.AsSpan(Unsafe.SizeOf<OutHeader>()) : throw new InvalidDataException($"the reply is {errno}");
    }

    public static T BodyOf<T>(byte[] reply) where T : unmanaged => MemoryMarshal.Read<T>(PayloadOf(reply));

    /// <summary>The records of a READDIR or READDIRPLUS reply.</summary>
    public static List<DirectoryRecord> RecordsOf(byte[] reply, bool plus)
    {
        List<DirectoryRecord> records = [];
        ReadOnlySpan<byte> rest = PayloadOf(reply);
        while (rest.Length > 0)
        {
            EntryOut entry = plus ? MemoryMarshal.Read<EntryOut>(rest) : default;
            int head = plus ? Unsafe.SizeOf<EntryOut>() : 0;
            DirEnt dirent = MemoryMarshal.Read<DirEnt>(rest[head..]);
            head += Unsafe.SizeOf<DirEnt>();
            string name = System.Text.Encoding.Latin1.GetString(rest.Slice(head, (int)dirent.NameLength));
            records.Add(new DirectoryRecord(name, dirent.Inode, dirent.Offset, dirent.Type, entry));
            rest = rest[((head + (int)dirent.NameLength + 7) & ~7)..];
        }
        return records;
    }
}

/// <summary>One record of a listing.</summary>
internal sealed record DirectoryRecord(string Name, ulong Inode, ulong Offset, uint Type, EntryOut Entry);
