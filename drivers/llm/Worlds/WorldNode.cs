using System.Text;
using Kaleidofs.Drivers.Llm.Generating;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>An entry of a world. What stands in it is changed under the world's lock.</summary>
internal sealed class WorldNode(NodeFacts facts)
{
    private Dictionary<byte[], WorldNode>? _children = facts.IsDirectory ? new(NameComparer.Instance) : null;
    private WorldNode[]? _ordered;
    private SemaphoreSlim? _writing;

    public NodeFacts Facts { get; set; } = facts;

    public ulong Inode => Facts.Inode;

    /// <summary>The directory that it is in; null for the root, and for what is removed.</summary>
    public WorldNode? Parent { get; private set; }

    /// <summary>Whether it has no name any more.</summary>
    public bool IsGone { get; set; }

    /// <summary>How many handles are open.</summary>
    public int Opens { get; set; }

    /// <summary>What generates its listing or content now.</summary>
    public Flight? Flight { get; set; }

    /// <summary>Why generating failed the last time, in words; null if it did not.</summary>
    public Failure? Failure { get; set; }

    /// <summary>A directory's: whether it has all of its entries.</summary>
    public bool IsListed { get; set; }

    /// <summary>A directory's: what it is about, as its listing said.</summary>
    public string Summary { get; set; } = "";

    /// <summary>A directory's: where its listing came from.</summary>
    public Provenance? Listing { get; set; }

    /// <summary>A file's.</summary>
    public Content Content { get; set; } = Content.None;

    /// <summary>Counts the lives of the content: what was begun for an earlier one is dropped.</summary>
    public uint Generation { get; set; }

    /// <summary>A file's: what a user asked for.</summary>
    public string Prompt { get; set; } = "";

    /// <summary>How long a user's content is.</summary>
    public long DataLength { get; set; }

    /// <summary>A user's content, while it is open.</summary>
    public SafeFileHandle? Data { get; set; }

    /// <summary>When a user's content changed.</summary>
    public Timestamp DataTime { get; set; }

    /// <summary>One writer of a user's content at a time.</summary>
    public SemaphoreSlim Writing => LazyInitializer.EnsureInitialized(ref _writing, static () => new SemaphoreSlim(1, 1));

    public string Name => Encoding.UTF8.GetString(Facts.Name);

    public string Path => Parent is null ? "/" : Parent.Parent is null ? "/" + Name : Parent.Path + "/" + Name;

    public int Depth => Parent is null ? 0 : Parent.Depth + 1;

    public int ChildCount => _children?.Count ?? 0;

    /// <summary>A directory's entries in the order of their positions.</summary>
    public WorldNode[] Ordered
    {
        get
        {
            if (_ordered is null)
            {
                WorldNode[] ordered = [.. _children!.Values];
                Array.Sort(ordered, static (left, right) => left.Facts.Sequence.CompareTo(right.Facts.Sequence));
                _ordered = ordered;
            }
            return _ordered;
        }
    }

    /// <summary>Whether its content and size can still change without a user's doing.</summary>
    public bool IsUnfinished => Facts.IsFile && !Content.IsFinal;

    public WorldNode? Find(ReadOnlySpan<byte> name)
        => _children!.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out WorldNode? child) ? child : null;

    /// <summary>
    /// Takes length and time of a user's content from its file, as whoever opens the world again will: a time that was set since the file was
    /// written last is the journal's.
    /// </summary>
    public void Measure(long length, DateTime written)
    {
        Timestamp time = Timestamp.From(written);
        DataLength = length;
        DataTime = IsLater(time, Facts.ChangeTime) ? time : Facts.ModificationTime;
    }

    public void AttachTo(WorldNode parent)
    {
        parent._children ??= new(NameComparer.Instance);
        parent._children[Facts.Name] = this;
        parent._ordered = null;
        Parent = parent;
    }

    public void Detach()
    {
        if (Parent is { } parent)
        {
            // The name may be another's already.
            if (parent.Find(Facts.Name) == this)
            {
                parent._children!.Remove(Facts.Name);
            }
            parent._ordered = null;
            Parent = null;
        }
    }

    /// <param name="unclaimed">What is said of a file that is not complete: how long it can become. Said to be nothing, it would be nothing to an archiver.</param>
    public Attributes GetAttributes(long unclaimed)
    {
        NodeFacts facts = Facts;
        ulong size = (ulong)(facts.IsLink ? facts.Target.Length : !facts.IsFile ? 0 : Content.IsWritten ? DataLength : Content.IsFinal ? Content.Length : unclaimed);
        Timestamp modified = Content.IsWritten ? DataTime : facts.ModificationTime;
        return new Attributes
        {
            Inode = facts.Inode,
            Size = size,
            Blocks = IsUnfinished ? 0 : (size + 511) / 512,
            Mode = facts.Mode,
            LinkCount = IsGone ? 0u : facts.IsDirectory ? 2u : 1u,
            UserId = facts.UserId,
            GroupId = facts.GroupId,
            ModificationTime = modified,
            AccessTime = modified,
            ChangeTime = Content.IsWritten && IsLater(modified, facts.ChangeTime) ? modified : facts.ChangeTime,
        };
    }

    private static bool IsLater(Timestamp left, Timestamp right)
        => left.Seconds != right.Seconds ? left.Seconds > right.Seconds : left.Nanoseconds > right.Nanoseconds;
}
