using Kaleidofs.Journaling;

namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>The records of one change, which is made whole or not at all.</summary>
internal sealed class RecordWriter : FieldWriter
{
    public void AddNode(NodeFacts node)
    {
        Begin(RecordKind.Node, node.Inode);
        U64(node.Parent);
        U64(node.Sequence);
        U32(node.Mode);
        U32(node.UserId);
        U32(node.GroupId);
        Time(node.ModificationTime);
        Time(node.ChangeTime);
        U32((uint)node.Origin);
        Bytes(node.Name);
        Bytes(node.Target);
        Text(node.About);
    }

    public void AddListed(ulong inode, string summary, Provenance provenance)
    {
        Begin(RecordKind.Listed, inode);
        Text(summary);
        Add(provenance);
    }

    public void AddGone(ulong inode) => Begin(RecordKind.Gone, inode);

    public void AddPiece(ulong inode, uint generation, ReadOnlySpan<byte> content)
    {
        Begin(RecordKind.Piece, inode);
        U32(generation);
        Bytes(content);
    }

    public void AddFinished(ulong inode, uint generation, Provenance provenance)
    {
        Begin(RecordKind.Finished, inode);
        U32(generation);
        Add(provenance);
    }

    public void AddWritten(ulong inode, ulong data)
    {
        Begin(RecordKind.Written, inode);
        U64(data);
    }

    public void AddSpent(DateTimeOffset time, Usage usage)
    {
        Begin(RecordKind.Spent, (ulong)time.ToUnixTimeMilliseconds());
        Add(usage);
    }

    public void AddPrompted(ulong inode, string prompt)
    {
        Begin(RecordKind.Prompted, inode);
        Text(prompt);
    }

    public void AddMoved(ulong from, ulong to)
    {
        Begin(RecordKind.Moved, from);
        U64(to);
    }

    private void Add(Provenance provenance)
    {
        Text(provenance.Model);
        Text(provenance.PromptDigest);
        U64((ulong)provenance.Time.ToUnixTimeMilliseconds());
        Add(provenance.Usage);
    }

    private void Add(Usage usage)
    {
        U32((uint)usage.Calls);
        U64((ulong)usage.InputTokens);
        U64((ulong)usage.OutputTokens);
        U64((ulong)usage.CostInMillionths);
    }

    private void Begin(RecordKind kind, ulong inode) => Begin((byte)kind, inode);
}
