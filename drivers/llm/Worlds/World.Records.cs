using Kaleidofs.Journaling;

namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>What each record does to the tree, the same when it is made and when a journal is read again.</summary>
internal sealed partial class World
{
    private void Apply(ReadOnlySpan<byte> records, long position)
    {
        FieldReader reader = new(records);
        while (reader.TryBegin(out RecordKind kind, out ulong inode))
        {
            switch (kind)
            {
                case RecordKind.Node:
                    ApplyNode(reader.Node(inode));
                    break;
                case RecordKind.Listed:
                    ApplyListed(inode, reader.Text(), reader.Provenance());
                    break;
                case RecordKind.Gone:
                    ApplyGone(inode);
                    break;
                case RecordKind.Piece:
                    uint generation = reader.U32();
                    int length = reader.Bytes().Length;
                    ApplyPiece(inode, generation, position + reader.Position - length, length);
                    break;
                case RecordKind.Finished:
                    ApplyFinished(inode, reader.U32(), reader.Provenance());
                    break;
                case RecordKind.Written:
                    ApplyWritten(inode, reader.U64());
                    break;
                case RecordKind.Spent:
                    Spending.Add(DateTimeOffset.FromUnixTimeMilliseconds((long)inode), reader.Usage());
                    break;
                case RecordKind.Prompted:
                    ApplyPrompted(inode, reader.Text());
                    break;
                case RecordKind.Moved:
                    ApplyMoved(inode, reader.U64());
                    break;
                default:
                    throw new InvalidDataException($"a record of unknown kind {(byte)kind}");
            }
        }
    }

    private void ApplyNode(NodeFacts facts)
    {
        NextInode = Math.Max(NextInode, facts.Inode + 1);
        NextSequence = Math.Max(NextSequence, facts.Sequence + 1);
        if (_nodes.TryGetValue(facts.Inode, out WorldNode? node))
        {
            bool moves = facts.Parent != node.Facts.Parent || !facts.Name.AsSpan().SequenceEqual(node.Facts.Name);
            if (moves || node.Parent is null)
            {
                node.Detach();
            }
            node.Facts = facts;
        }
        else
        {
            node = new WorldNode(facts);
            _nodes[facts.Inode] = node;
        }
        if (facts.Parent != 0 && node.Parent is null && !node.IsGone && _nodes.TryGetValue(facts.Parent, out WorldNode? parent))
        {
            node.AttachTo(parent);
        }
    }

    private void ApplyListed(ulong inode, string summary, Provenance provenance)
    {
        Spending.Add(provenance.Time, provenance.Usage);
        if (_nodes.TryGetValue(inode, out WorldNode? node))
        {
            node.IsListed = true;
            node.Summary = summary;
            node.Listing = provenance;
            node.Failure = null;
        }
    }

    private void ApplyGone(ulong inode)
    {
        if (_nodes.TryGetValue(inode, out WorldNode? node))
        {
            node.Detach();
            node.IsGone = true;
            node.Flight?.Stop();
            Drop(node);
        }
    }

    private void ApplyPiece(ulong inode, uint generation, long position, int length)
    {
        if (_nodes.TryGetValue(inode, out WorldNode? node) && node.Generation == generation && !node.Content.IsFinal)
        {
            node.Content = node.Content.With(new Piece(position, node.Content.Length, length));
        }
    }

    private void ApplyFinished(ulong inode, uint generation, Provenance provenance)
    {
        Spending.Add(provenance.Time, provenance.Usage);
        if (_nodes.TryGetValue(inode, out WorldNode? node) && node.Generation == generation && !node.Content.IsFinal)
        {
            node.Content = node.Content.Finish(provenance);
            node.Failure = null;
        }
    }

    private void ApplyWritten(ulong inode, ulong data)
    {
        NextData = Math.Max(NextData, data + 1);
        if (_nodes.TryGetValue(inode, out WorldNode? node))
        {
            node.Generation++;
            node.Content = new Content { Data = data, IsFinal = true };
            node.Failure = null;
            node.Flight?.Stop();
        }
    }

    private void ApplyPrompted(ulong inode, string prompt)
    {
        if (_nodes.TryGetValue(inode, out WorldNode? node))
        {
            node.Generation++;
            node.Content = Content.None;
            node.Prompt = prompt;
            node.Failure = null;
            node.Flight?.Stop();
        }
    }

    private void ApplyMoved(ulong from, ulong to)
    {
        if (_nodes.TryGetValue(from, out WorldNode? source) && _nodes.TryGetValue(to, out WorldNode? target))
        {
            target.Content = source.Content;
            target.Prompt = source.Prompt;
            (target.Data, target.DataLength, target.DataTime) = (source.Data, source.DataLength, source.DataTime);
            source.Content = Content.None;
            source.Data = null;
            source.Generation++;
        }
    }
}
