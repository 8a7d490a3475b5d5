using System.Buffers.Binary;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>Reads records in the order in which <see cref="RecordWriter"/> wrote them. What is cut off is an <see cref="InvalidDataException"/>: a journal's checksum was right.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> records)
{
    private ReadOnlySpan<byte> _rest = records;

    public bool TryBegin(out RecordKind kind, out ulong inode)
    {
        kind = RecordKind.None;
        inode = 0;
        if (_rest.IsEmpty)
        {
            return false;
        }
        kind = (RecordKind)Take(1)[0];
        inode = U64();
        return true;
    }

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    public ReadOnlySpan<byte> Bytes()
    {
        uint length = U32();
        return length <= (uint)_rest.Length ? Take((int)length) : throw new InvalidDataException("a record is cut off");
    }

    /// <summary>Sets the attributes that a record has; returns which these are.</summary>
    public NodeFields Attributes(ref Attributes attributes)
    {
        NodeFields fields = (NodeFields)U16();
        if (fields.HasFlag(NodeFields.Mode))
        {
            attributes.Mode = U32();
        }
        if (fields.HasFlag(NodeFields.LinkCount))
        {
            attributes.LinkCount = U32();
        }
        if (fields.HasFlag(NodeFields.Owner))
        {
            attributes.UserId = U32();
            attributes.GroupId = U32();
        }
        if (fields.HasFlag(NodeFields.Size))
        {
            attributes.Size = U64();
            attributes.Blocks = U64();
        }
        if (fields.HasFlag(NodeFields.AccessTime))
        {
            attributes.AccessTime = Time();
        }
        if (fields.HasFlag(NodeFields.ModificationTime))
        {
            attributes.ModificationTime = Time();
        }
        if (fields.HasFlag(NodeFields.ChangeTime))
        {
            attributes.ChangeTime = Time();
        }
        if (fields.HasFlag(NodeFields.BirthTime))
        {
            attributes.BirthTime = Time();
        }
        if (fields.HasFlag(NodeFields.Device))
        {
            attributes.DeviceId = U32();
        }
        return fields;
    }

    private Timestamp Time() => new((long)U64(), U32());

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw new InvalidDataException("a record is cut off");
        }
        ReadOnlySpan<byte> taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
