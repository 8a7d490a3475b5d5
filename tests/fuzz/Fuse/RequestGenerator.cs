using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Fuzz.Fuse;

/// <summary>Makes requests: most of them as a kernel would, some with a field that is not, some damaged byte by byte.</summary>
internal sealed class RequestGenerator
{
    /// <summary>The longest request that is made.</summary>
    public const int MaxLength = 90 << 10;

    private const int HeaderSize = 40;
    private const int Remembered = 32;

    private static readonly Opcode[] Opcodes = [.. Enum.GetValues<Opcode>().Where(opcode => OpcodeInfo.Of(opcode).IsKnown)];
    private static readonly byte[][] Names =
    [
        "file"u8.ToArray(), "dir"u8.ToArray(), "link"u8.ToArray(), "none"u8.ToArray(), "."u8.ToArray(), ".."u8.ToArray(), "a/b"u8.ToArray(), [],
        "user.x"u8.ToArray(), [0xff, 0xfe, 0x80], [.. Enumerable.Repeat((byte)'n', 255)], [.. Enumerable.Repeat((byte)'n', 256)],
        [.. Enumerable.Repeat((byte)'t', 4095)], [.. Enumerable.Repeat((byte)'t', 4096)], [.. Enumerable.Repeat((byte)'t', 4097)],
    ];

    private readonly Xorshift _random;
    private readonly byte[] _buffer = new byte[MaxLength];
    private readonly byte[]?[] _corpus = new byte[]?[Remembered];
    private readonly (ulong Number, ulong Inode)[] _handles = new (ulong, ulong)[Remembered];
    private int _handleCount;
    private ulong _unique = 1;

    public RequestGenerator(Xorshift random) => _random = random;

    /// <summary>The next request; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        byte[]? old = _corpus[_random.Below(Remembered)];
        int length;
        if (old is not null && _random.OneIn(3))
        {
            old.CopyTo(_buffer, 0);
            length = Mutate(old.Length);
        }
        else
        {
            length = Build();
            if (length < 1024 && _random.OneIn(8))
            {
                _corpus[_random.Below(Remembered)] = _buffer[..length];
            }
            if (_random.OneIn(4))
            {
                length = Mutate(length);
            }
        }
        return _buffer.AsSpan(0, length);
    }

    /// <summary>INIT as a kernel sends it.</summary>
    public ReadOnlySpan<byte> Initialize() => _buffer.AsSpan(0, Finish(Opcode.Init, 0, BuildInit()));

    /// <summary>Learns the handles that a reply gives.</summary>
    public void Observe(ReadOnlySpan<byte> request, ReadOnlySpan<byte> reply)
    {
        if (request.Length < HeaderSize || reply.Length < 32)
        {
            return;
        }
        InHeader header = MemoryMarshal.Read<InHeader>(request);
        int place = header.Opcode switch { Opcode.Open or Opcode.OpenDir => 16, Opcode.Create or Opcode.TmpFile => 16 + Unsafe.SizeOf<EntryOut>(), _ => -1 };
        if (place >= 0 && reply.Length >= place + sizeof(ulong))
        {
            ulong inode = header.Opcode is Opcode.Create or Opcode.TmpFile ? WatchedFileSystem.FileInode : header.NodeId;
            _handles[_handleCount++ % Remembered] = (MemoryMarshal.Read<ulong>(reply[place..]), inode);
        }
    }

    private int Build()
    {
        Opcode opcode = _random.OneIn(20) ? (Opcode)_random.Number() : _random.Of<Opcode>(Opcodes);
        OpcodeInfo info = OpcodeInfo.Of(opcode);
        Span<byte> body = _buffer.AsSpan(HeaderSize, info.BodySize);
        ulong inode = _random.OneIn(8) ? _random.Number() : (ulong)_random.Between(1, 4);
        _random.FillNumbers(body);
        if (body.Length >= sizeof(ulong) && _handleCount > 0 && !_random.OneIn(6))
        {
            // Most bodies that have a handle begin with it, and it is good for its own inode alone.
            (ulong number, ulong owner) = _handles[_random.Below(Math.Min(_handleCount, Remembered))];
            MemoryMarshal.Write(body[(opcode is Opcode.GetAttr or Opcode.SetAttr or Opcode.StatX ? 8 : 0)..], in number);
            inode = _random.OneIn(10) ? inode : owner;
        }
        int length = body.Length;
        switch (opcode)
        {
            case Opcode.Init:
                length = BuildInit();
                break;
            case Opcode.Read or Opcode.ReadDir or Opcode.ReadDirPlus when !_random.OneIn(4):
                MemoryMarshal.Write(body[8..], (ulong)_random.Below(100));
                MemoryMarshal.Write(body[16..], (uint)_random.Below(8192));
                break;
            case Opcode.Write:
                length += AppendBytes(length, _random.OneIn(50) ? 70_000 : _random.Below(3000));
                SetSometimesWrong(body[16..], (uint)(length - body.Length));
                break;
            case Opcode.BatchForget:
                length += AppendBytes(length, 16 * _random.Below(100));
                SetSometimesWrong(body, (uint)((length - body.Length) / 16));
                break;
            case Opcode.SetXAttr:
                length += AppendName(length);
                int value = AppendBytes(length, _random.OneIn(100) ? _random.Between(60_000, 70_000) : _random.Below(200));
                length += value;
                SetSometimesWrong(body, (uint)value);
                break;
            case Opcode.Open when _random.OneIn(2):
                body.Clear();
                break;
            default:
                for (int i = 0; i < info.Names; i++)
                {
                    length += AppendName(length);
                }
                break;
        }
        return Finish(opcode, inode, length);
    }

    private int BuildInit()
    {
        InitIn init = new() { Major = 7, Minor = (uint)_random.Between(26, 60), MaxReadAhead = 1 << 17, Flags = (uint)_random.Next(), Flags2 = (uint)_random.Next() };
        if (_random.OneIn(10))
        {
            init.Major = (uint)_random.Number();
        }
        MemoryMarshal.Write(_buffer.AsSpan(HeaderSize), in init);
        return _random.OneIn(4) ? 16 : Unsafe.SizeOf<InitIn>();
    }

    private int Finish(Opcode opcode, ulong inode, int body)
    {
        int length = HeaderSize + body;
        MemoryMarshal.Write(_buffer, new InHeader
        {
            Length = (uint)length,
            Opcode = opcode,
            // Now and then one that another request has, and INTERRUPT names those before it.
            Unique = _random.OneIn(30) ? (ulong)_random.Below(20) : _unique++,
            NodeId = inode,
            UserId = (uint)_random.Number(),
            GroupId = (uint)_random.Number(),
            ProcessId = (uint)_random.Number(),
        });
        if (opcode == Opcode.Interrupt && !_random.OneIn(4))
        {
            MemoryMarshal.Write(_buffer.AsSpan(HeaderSize), _unique - (ulong)_random.Below(20));
        }
        return length;
    }

    private int AppendName(int at)
    {
        Span<byte> rest = _buffer.AsSpan(HeaderSize + at);
        byte[] name = _random.Of<byte[]>(_random.OneIn(4) ? Names : Names.AsSpan(0, 10));
        name.CopyTo(rest);
        rest[name.Length] = _random.OneIn(50) ? (byte)1 : (byte)0;
        return name.Length + 1;
    }

    private int AppendBytes(int at, int count)
    {
        _random.Fill(_buffer.AsSpan(HeaderSize + at, count));
        return count;
    }

    private void SetSometimesWrong(Span<byte> field, uint value)
        => MemoryMarshal.Write(field, _random.OneIn(6) ? (uint)_random.Number() : value);

    /// <summary>Damages what stands in the buffer; returns its new length.</summary>
    private int Mutate(int length)
    {
        for (int times = _random.Between(1, 4); times > 0; times--)
        {
            switch (_random.Below(7))
            {
                case 0:
                    _buffer[_random.Below(Math.Max(length, 1))] ^= (byte)(1 << _random.Below(8));
                    break;
                case 1:
                    _buffer[_random.Below(Math.Max(length, 1))] = (byte)_random.Number();
                    break;
                case 2:
                    // The sender's word for the length.
                    MemoryMarshal.Write(_buffer, _random.OneIn(2) ? (uint)_random.Number() : (uint)(length + _random.Between(-9, 9)));
                    break;
                case 3:
                    // Extensions, which come last, in units of 8 bytes.
                    MemoryMarshal.Write(_buffer.AsSpan(36), (ushort)_random.Number());
                    break;
                case 4:
                    length = _random.Below(length + 1);
                    break;
                case 5:
                    length = Math.Min(MaxLength, length + _random.Below(64));
                    break;
                default:
                    int word = _random.Below(Math.Max(1, length / 8)) * 8;
                    MemoryMarshal.Write(_buffer.AsSpan(word), _random.Number());
                    break;
            }
        }
        return length;
    }
}
