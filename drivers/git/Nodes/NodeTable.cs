using System.Collections.Concurrent;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>The inodes that the kernel knows, by their numbers. What it forgets goes after a while.</summary>
internal sealed class NodeTable
{
    /// <summary>Nodes that nobody refers to and that are kept for the next who asks.</summary>
    private const int MaxIdle = 1 << 16;

    private readonly ConcurrentDictionary<ulong, Node> _nodes = new();
    private readonly ConcurrentQueue<Node> _idle = new();

    private long _dropped;

    /// <summary>How many nodes have gone.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>The node of a directory's number.</summary>
    public Node? Get(ulong number) => _nodes.GetValueOrDefault(number);

    /// <summary>A node for the kernel to refer to: the one that is there, or a new one.</summary>
    /// <param name="number">The number that it has, unless another has it: then the next that is free.</param>
    /// <param name="key">What it is.</param>
    /// <param name="make">Makes it from its number.</param>
    public T Enter<T>(ulong number, object key, Func<ulong, T> make) where T : Node
    {
        while (true)
        {
            if (!_nodes.TryGetValue(number, out Node? node))
            {
                node = make(number);
                node.TryReference();
                if (_nodes.TryAdd(number, node))
                {
                    return (T)node;
                }
            }
            else if (!node.Key.Equals(key))
            {
                number = InodeNumbers.Next(number);
            }
            else if (node.TryReference())
            {
                return (T)node;
            }
            else
            {
                _nodes.TryRemove(new KeyValuePair<ulong, Node>(number, node));
            }
        }
    }

    public void Forget(ulong number, ulong count)
    {
        if (number == InodeNumbers.Root || !_nodes.TryGetValue(number, out Node? node) || !node.Release(count))
        {
            return;
        }
        _idle.Enqueue(node);
        if (_idle.Count > MaxIdle && _idle.TryDequeue(out Node? oldest) && oldest.TryEnd())
        {
            _nodes.TryRemove(new KeyValuePair<ulong, Node>(oldest.Number, oldest));
            Interlocked.Increment(ref _dropped);
        }
    }
}
