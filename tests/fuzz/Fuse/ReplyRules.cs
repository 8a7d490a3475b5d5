using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kaleidofs.Protocol;

namespace Kaleidofs.Tests.Fuzz.Fuse;

/// <summary>What the guest's kernel checks of a reply (fs/fuse/dev.c, fs/fuse/virtio_fs.c), and what it takes for granted.</summary>
internal static class ReplyRules
{
    private static readonly int HeaderSize = Unsafe.SizeOf<OutHeader>();

    /// <summary>What is wrong with a reply; null if nothing.</summary>
    /// <param name="request">All of the request's bytes, as they were sent.</param>
    /// <param name="room">How many bytes could be written.</param>
    /// <param name="written">How many are said to have been.</param>
    /// <param name="reply">What stands there.</param>
    public static string? Check(ReadOnlySpan<byte> request, int room, int written, ReadOnlySpan<byte> reply)
    {
        if (written < 0 || written > room)
        {
            return $"{written} bytes written, into room for {room}";
        }
        bool hasHeader = request.Length >= Unsafe.SizeOf<InHeader>();
        InHeader asked = hasHeader ? MemoryMarshal.Read<InHeader>(request) : default;
        OpcodeInfo info = hasHeader ? OpcodeInfo.Of(asked.Opcode) : default;
        if (written == 0)
        {
            return room < HeaderSize || (info.IsKnown && !info.HasReply) ? null : "no answer";
        }
        if (written < HeaderSize)
        {
            return $"an answer of {written} bytes";
        }
        if (info.IsKnown && !info.HasReply && asked.Opcode != Opcode.Interrupt)
        {
            return $"an answer to {asked.Opcode}";
        }
        OutHeader header = MemoryMarshal.Read<OutHeader>(reply);
        if (header.Length != (uint)written || header.Unique != asked.Unique || header.Error is > 0 or <= -512)
        {
            return $"{written} bytes written; the header says {header.Length}, to request {header.Unique} instead of {asked.Unique}, error {header.Error}";
        }
        if (header.Error != 0)
        {
            return written == HeaderSize ? null : $"an error with {written - HeaderSize} bytes behind it";
        }
        return info.IsKnown ? CheckPayload(asked.Opcode, request, reply[HeaderSize..written]) : $"opcode {asked.Opcode} succeeded";
    }

    private static string? CheckPayload(Opcode opcode, ReadOnlySpan<byte> request, ReadOnlySpan<byte> payload)
    {
        int? size = opcode switch
        {
            Opcode.Init => Unsafe.SizeOf<InitOut>(),
            Opcode.Lookup or Opcode.SymLink or Opcode.MkNod or Opcode.MkDir or Opcode.Link => Unsafe.SizeOf<EntryOut>(),
            Opcode.GetAttr or Opcode.SetAttr => Unsafe.SizeOf<AttrOut>(),
            Opcode.StatX => Unsafe.SizeOf<StatXOut>(),
            Opcode.Open or Opcode.OpenDir => Unsafe.SizeOf<OpenOut>(),
            Opcode.Create or Opcode.TmpFile => Unsafe.SizeOf<CreateOut>(),
            Opcode.Write or Opcode.CopyFileRange or Opcode.CopyFileRange64 or Opcode.LSeek => 8,
            Opcode.StatFs => Unsafe.SizeOf<KStatFs>(),
            Opcode.Read or Opcode.ReadDir or Opcode.ReadDirPlus or Opcode.GetXAttr or Opcode.ListXAttr or Opcode.ReadLink => null,
            _ => 0,
        };
        if (size is { } exact)
        {
            return payload.Length == exact ? null : $"{opcode} answered with {payload.Length} bytes instead of {exact}";
        }
        ReadOnlySpan<byte> body = request[Unsafe.SizeOf<InHeader>()..];
        uint limit = opcode switch
        {
            Opcode.ReadLink => 4096,
            Opcode.GetXAttr or Opcode.ListXAttr => MemoryMarshal.Read<uint>(body) is var wanted && wanted == 0 ? 8 : wanted,
            _ => MemoryMarshal.Read<ReadIn>(body).Size,
        };
        if ((uint)payload.Length > limit)
        {
            return $"{opcode} of {limit} bytes answered with {payload.Length}";
        }
        return opcode is Opcode.ReadDir or Opcode.ReadDirPlus ? CheckListing(payload, opcode == Opcode.ReadDirPlus) : null;
    }

    private static string? CheckListing(ReadOnlySpan<byte> records, bool plus)
    {
        while (records.Length > 0)
        {
            int head = plus ? Unsafe.SizeOf<EntryOut>() : 0;
            if (records.Length < head + Unsafe.SizeOf<DirEnt>())
            {
                return $"{records.Length} bytes behind the last record";
            }
            DirEnt record = MemoryMarshal.Read<DirEnt>(records[head..]);
            int name = head + Unsafe.SizeOf<DirEnt>();
            if (record.NameLength is 0 or > FileSystem.MaxNameLength || records.Length < name + (int)record.NameLength)
            {
                return $"a record with a name of {record.NameLength} bytes";
            }
            int length = (name + (int)record.NameLength + DirEnt.Alignment - 1) & ~(DirEnt.Alignment - 1);
            if (records.Length < length)
            {
                return "a record that ends outside the reply";
            }
            records = records[length..];
        }
        return null;
    }
}
