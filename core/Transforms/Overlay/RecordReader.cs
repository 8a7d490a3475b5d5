using Kaleidofs.Journaling;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>Reads the fields of what <see cref="RecordWriter"/> wrote.</summary>
internal static class RecordReader
{
    public static bool TryBegin(this ref FieldReader reader, out RecordKind kind, out ulong inode)
    {
        bool hasOne = reader.TryBegin(out byte number, out inode);
        kind = (RecordKind)number;
        return hasOne;
    }

    /// <summary>Sets the attributes that a record has; returns which these are.</summary>
    public static NodeFields Attributes(this ref FieldReader reader, ref Attributes attributes)
    {
        NodeFields fields = (NodeFields)reader.U16();
        if (fields.HasFlag(NodeFields.Mode))
        {
            attributes.Mode = reader.U32();
        }
        if (fields.HasFlag(NodeFields.LinkCount))
        {
            attributes.LinkCount = reader.U32();
        }
        if (fields.HasFlag(NodeFields.Owner))
        {
            attributes.UserId = reader.U32();
            attributes.GroupId = reader.U32();
        }
        if (fields.HasFlag(NodeFields.Size))
        {
            attributes.Size = reader.U64();
            attributes.Blocks = reader.U64();
        }
        if (fields.HasFlag(NodeFields.AccessTime))
        {
            attributes.AccessTime = reader.Time();
        }
        if (fields.HasFlag(NodeFields.ModificationTime))
        {
            attributes.ModificationTime = reader.Time();
        }
        if (fields.HasFlag(NodeFields.ChangeTime))
        {
            attributes.ChangeTime = reader.Time();
        }
        if (fields.HasFlag(NodeFields.BirthTime))
        {
            attributes.BirthTime = reader.Time();
        }
        if (fields.HasFlag(NodeFields.Device))
        {
            attributes.DeviceId = reader.U32();
        }
        return fields;
    }
}
