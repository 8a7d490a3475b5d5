using Kaleidofs.Journaling;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>
/// All that the overlay has, in memory. It is changed by records alone, the same ones while it is served and when a
/// journal is read again: what a new process finds is what the old one had. Guarded by the filesystem's gate.
/// </summary>
internal sealed class OverlayState
{
    /// <summary>Numbers from here on are the overlay's own; a lower filesystem's stay below.</summary>
    public const ulong FirstUpper = 1UL << 62;

    private readonly Dictionary<ulong, OverlayNode> _nodes = [];
    // Inodes of the lower filesystem that have no name any more.
    private readonly HashSet<ulong> _dead = [];
    private readonly Dictionary<ulong, OpenInode> _open = [];

    /// <summary>The number that the next new inode gets. Numbers are never used twice.</summary>
    public ulong NextInode { get; private set; } = FirstUpper;

    /// <summary>The sequence that the next new name gets.</summary>
    public ulong NextSequence { get; private set; } = 1;

    public int NodeCount => _nodes.Count;

    public IEnumerable<OverlayNode> Nodes => _nodes.Values;

    /// <summary>Open files, by inode.</summary>
    public Dictionary<ulong, OpenInode> Open => _open;

    /// <summary>Takes the data file of an inode that nobody can reach any more.</summary>
    public Action<ulong> Discard { get; set; } = static _ => { };

    /// <summary>A sequence for a new name. One whose change then fails is not used by another.</summary>
    public ulong TakeSequence() => NextSequence++;

    public static bool IsUpper(ulong inode) => inode >= FirstUpper;

    /// <summary>What the overlay has of an inode that has a name.</summary>
    public OverlayNode? FindNamed(ulong inode) => _nodes.GetValueOrDefault(inode);

    /// <summary>What the overlay has of an inode, also of one that is only open still.</summary>
    public OverlayNode? Find(ulong inode)
        => _nodes.TryGetValue(inode, out OverlayNode? node) ? node : _open.GetValueOrDefault(inode)?.Orphan;

    /// <summary>Whether an inode is gone, or never was.</summary>
    public bool IsGone(ulong inode) => IsUpper(inode) ? Find(inode) is null : _dead.Contains(inode) && Find(inode) is null;

    /// <summary>Whether an inode has lost its last name.</summary>
    public bool IsDead(ulong inode) => IsUpper(inode) ? !_nodes.ContainsKey(inode) : _dead.Contains(inode);

    /// <summary>Makes the changes that records tell.</summary>
    /// <exception cref="InvalidDataException">They do not mean anything.</exception>
    public void Apply(ReadOnlySpan<byte> records)
    {
        FieldReader reader = new(records);
        while (reader.TryBegin(out RecordKind kind, out ulong inode))
        {
            Apply(kind, inode, ref reader);
        }
    }

    /// <summary>Writes everything as records; a piece is taken whenever it has grown long enough.</summary>
    public void Save(RecordWriter records, Action<RecordWriter> take)
    {
        const int Piece = 64 << 10;
        records.AddCounters(NextInode, NextSequence);
        foreach (ulong inode in _dead)
        {
            records.AddDead(inode);
            TakeIfLong();
        }
        foreach (OverlayNode node in _nodes.Values)
        {
            Save(records, node);
            TakeIfLong();
            foreach (KeyValuePair<byte[], OverlayName> removed in node.Directory?.Removed ?? [])
            {
                records.AddName(node.Inode, removed.Key, removed.Value);
                TakeIfLong();
            }
            foreach ((byte[] name, OverlayName value) in node.Directory?.Enumerate(0) ?? [])
            {
                records.AddName(node.Inode, name, value);
                TakeIfLong();
            }
        }
        take(records);

        void TakeIfLong()
        {
            if (records.Written.Length >= Piece)
            {
                take(records);
                records.Clear();
            }
        }
    }

    /// <summary>Writes one inode as records, but for what is in it.</summary>
    public static void Save(RecordWriter records, OverlayNode node)
    {
        records.AddNode(node.Attributes, NodeFields.All);
        if (node.HasContent)
        {
            records.AddContent(node.Inode, isHere: true, node.IsDirty);
        }
        if (node.Parent != 0)
        {
            records.AddParent(node.Inode, node.Parent);
        }
        if (node.Target is not null)
        {
            records.AddTarget(node.Inode, node.Target);
        }
        if (node.ExtendedAttributes is not null)
        {
            records.AddOwnExtendedAttributes(node.Inode);
            foreach ((byte[] name, byte[] value) in node.ExtendedAttributes)
            {
                records.AddExtendedAttribute(node.Inode, name, value);
            }
        }
    }

    private void Apply(RecordKind kind, ulong inode, ref FieldReader reader)
    {
        switch (kind)
        {
            case RecordKind.Node:
                if (!_nodes.TryGetValue(inode, out OverlayNode? node))
                {
                    node = new OverlayNode(inode);
                    _nodes.Add(inode, node);
                    NextInode = IsUpper(inode) ? Math.Max(NextInode, inode + 1) : NextInode;
                    if (_open.TryGetValue(inode, out OpenInode? open))
                    {
                        // A file that was open without a name has one again.
                        open.Orphan = null;
                    }
                }
                reader.Attributes(ref node.Attributes);
                node.Attributes.Inode = inode;
                break;
            case RecordKind.Content:
                ushort flags = reader.U16();
                Get(inode).HasContent = (flags & 1) != 0;
                Get(inode).IsDirty = (flags & 2) != 0;
                break;
            case RecordKind.Parent:
                Get(inode).Parent = reader.U64();
                break;
            case RecordKind.Target:
                Get(inode).Target = reader.Bytes().ToArray();
                break;
            case RecordKind.Name:
                OverlayName name = new(reader.U64(), reader.U64(), (reader.U16() & 1) != 0);
                (Get(inode).Directory ??= new OverlayDirectory()).Set(reader.Bytes(), name);
                NextSequence = Math.Max(NextSequence, name.Sequence + 1);
                break;
            case RecordKind.NameGone:
                Get(inode).Directory?.Remove(reader.Bytes());
                break;
            case RecordKind.Dead:
                Bury(inode);
                break;
            case RecordKind.OwnExtendedAttributes:
                Get(inode).ExtendedAttributes = new(NameComparer.Instance);
                break;
            case RecordKind.ExtendedAttribute:
                byte[] key = reader.Bytes().ToArray();
                (Get(inode).ExtendedAttributes ??= new(NameComparer.Instance))[key] = reader.Bytes().ToArray();
                break;
            case RecordKind.ExtendedAttributeGone:
                Get(inode).ExtendedAttributes?.Remove(reader.Bytes().ToArray());
                break;
            case RecordKind.Counters:
                NextInode = Math.Max(NextInode, inode);
                NextSequence = Math.Max(NextSequence, reader.U64());
                break;
            default:
                throw new InvalidDataException($"a record is of a kind that is not known ({(int)kind})");
        }
    }

    private OverlayNode Get(ulong inode)
        => _nodes.TryGetValue(inode, out OverlayNode? node) ? node : throw new InvalidDataException($"a record tells of inode {inode}, which is not there");

    private void Bury(ulong inode)
    {
        if (!IsUpper(inode))
        {
            _dead.Add(inode);
        }
        if (!_nodes.Remove(inode, out OverlayNode? node))
        {
            return;
        }
        node.Attributes.LinkCount = 0;
        node.Directory = null;
        if (_open.TryGetValue(inode, out OpenInode? open))
        {
            // Whoever has it open goes on with it.
            open.Orphan = node;
        }
        else if (node.HasContent)
        {
            Discard(inode);
        }
    }
}
