using Kaleidofs.Journaling;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>The records of one change, which is made whole or not at all.</summary>
internal sealed class RecordWriter : FieldWriter
{
    /// <summary>Whether there is an inode among them that the overlay had nothing of.</summary>
    public bool HasNewNode { get; private set; }

    public void AddNode(in Attributes attributes, NodeFields fields)
    {
        Begin(RecordKind.Node, attributes.Inode);
        HasNewNode |= fields == NodeFields.All;
        U16((ushort)fields);
        if (fields.HasFlag(NodeFields.Mode))
        {
            U32(attributes.Mode);
        }
        if (fields.HasFlag(NodeFields.LinkCount))
        {
            U32(attributes.LinkCount);
        }
        if (fields.HasFlag(NodeFields.Owner))
        {
            U32(attributes.UserId);
            U32(attributes.GroupId);
        }
        if (fields.HasFlag(NodeFields.Size))
        {
            U64(attributes.Size);
            U64(attributes.Blocks);
        }
        if (fields.HasFlag(NodeFields.AccessTime))
        {
            Time(attributes.AccessTime);
        }
        if (fields.HasFlag(NodeFields.ModificationTime))
        {
            Time(attributes.ModificationTime);
        }
        if (fields.HasFlag(NodeFields.ChangeTime))
        {
            Time(attributes.ChangeTime);
        }
        if (fields.HasFlag(NodeFields.BirthTime))
        {
            Time(attributes.BirthTime);
        }
        if (fields.HasFlag(NodeFields.Device))
        {
            U32(attributes.DeviceId);
        }
    }

    public void AddContent(ulong inode, bool isHere, bool isDirty)
    {
        Begin(RecordKind.Content, inode);
        U16((ushort)((isHere ? 1 : 0) | (isDirty ? 2 : 0)));
    }

    public void AddParent(ulong inode, ulong parent)
    {
        Begin(RecordKind.Parent, inode);
        U64(parent);
    }

    public void AddTarget(ulong inode, ReadOnlySpan<byte> target)
    {
        Begin(RecordKind.Target, inode);
        Bytes(target);
    }

    public void AddName(ulong directory, ReadOnlySpan<byte> name, in OverlayName value)
    {
        Begin(RecordKind.Name, directory);
        U64(value.Inode);
        U64(value.Sequence);
        U16((ushort)(value.CoversLower ? 1 : 0));
        Bytes(name);
    }

    public void AddNameGone(ulong directory, ReadOnlySpan<byte> name)
    {
        Begin(RecordKind.NameGone, directory);
        Bytes(name);
    }

    public void AddDead(ulong inode) => Begin(RecordKind.Dead, inode);

    public void AddOwnExtendedAttributes(ulong inode) => Begin(RecordKind.OwnExtendedAttributes, inode);

    public void AddExtendedAttribute(ulong inode, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Begin(RecordKind.ExtendedAttribute, inode);
        Bytes(name);
        Bytes(value);
    }

    public void AddExtendedAttributeGone(ulong inode, ReadOnlySpan<byte> name)
    {
        Begin(RecordKind.ExtendedAttributeGone, inode);
        Bytes(name);
    }

    public void AddCounters(ulong nextInode, ulong nextSequence)
    {
        Begin(RecordKind.Counters, nextInode);
        U64(nextSequence);
    }

    private void Begin(RecordKind kind, ulong inode) => Begin((byte)kind, inode);
}
