using Kaleidofs.Protocol;

namespace Kaleidofs.Diagnostics;

/// <summary>All that one session counts, in a block for each thread that dispatches its requests.</summary>
/// <remarks>
/// A block outlives its queue: counters never go back. The next queue of the same number takes it over, so that a
/// front end that comes and goes does not add blocks.
/// </remarks>
internal sealed class SessionCounters(OperationTrace? trace = null)
{
    private readonly Lock _lock = new();
    private readonly List<QueueCounters> _blocks = [];

    /// <summary>The block of a queue that begins.</summary>
    public QueueCounters Open(int queue)
    {
        lock (_lock)
        {
            QueueCounters? block = _blocks.Find(block => block.Queue == queue && !block.IsOpen);
            if (block is null)
            {
                block = new QueueCounters(queue, trace);
                _blocks.Add(block);
            }
            block.IsOpen = true;
            return block;
        }
    }

    /// <summary>The queue's thread has ended.</summary>
    public void Close(QueueCounters block)
    {
        lock (_lock)
        {
            block.IsOpen = false;
        }
    }

    /// <summary>What was done so far, of the opcodes that came at all.</summary>
    public IReadOnlyList<OperationTotal> ReadOperations()
    {
        List<OperationTotal> totals = [];
        lock (_lock)
        {
            for (Opcode opcode = 0; (int)opcode < OperationCounters.Opcodes; opcode++)
            {
                if (!_blocks.Exists(block => block.AllOperations(opcode) > 0))
                {
                    continue;
                }
                OperationTotal total = new(opcode);
                foreach (QueueCounters block in _blocks)
                {
                    block.AddAllTo(total);
                }
                totals.Add(total);
            }
        }
        return totals;
    }

    /// <summary>How each queue that ever ran does.</summary>
    public IReadOnlyList<QueueTotal> ReadQueues()
    {
        SortedDictionary<int, QueueTotal> totals = [];
        lock (_lock)
        {
            foreach (QueueCounters block in _blocks)
            {
                if (!totals.TryGetValue(block.Queue, out QueueTotal? total))
                {
                    totals.Add(block.Queue, total = new QueueTotal(block.Queue));
                }
                block.AddTo(total);
            }
        }
        return [.. totals.Values];
    }
}
