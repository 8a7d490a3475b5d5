using System.Collections.Concurrent;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>Trees that were looked at, within a budget: a second chance for those used since the last round (CLOCK). Finding one takes no lock.</summary>
internal sealed class TreeCache(long budget)
{
    private readonly ConcurrentDictionary<ObjectId, Slot> _slots = new();
    private readonly Queue<Slot> _clock = new();
    private readonly Lock _lock = new();
    private long _cost;

    public TreeContent? Get(in ObjectId id)
    {
        if (!_slots.TryGetValue(id, out Slot? slot))
        {
            return null;
        }
        slot.IsRecent = true;
        return slot.Content;
    }

    /// <summary>Keeps a tree; returns it, or the one that was kept already.</summary>
    public TreeContent Add(in ObjectId id, TreeContent content)
    {
        Slot slot = new(id, content);
        Slot kept = _slots.GetOrAdd(id, slot);
        if (kept != slot)
        {
            return kept.Content;
        }
        lock (_lock)
        {
            _cost += content.Cost;
            _clock.Enqueue(slot);
            for (int steps = _clock.Count * 2; _cost > budget && steps > 0 && _clock.Count > 1; steps--)
            {
                Slot candidate = _clock.Dequeue();
                if (candidate.IsRecent)
                {
                    candidate.IsRecent = false;
                    _clock.Enqueue(candidate);
                    continue;
                }
                _slots.TryRemove(candidate.Id, out _);
                _cost -= candidate.Content.Cost;
            }
        }
        return content;
    }

    private sealed class Slot(ObjectId id, TreeContent content)
    {
        public ObjectId Id { get; } = id;

        public TreeContent Content { get; } = content;

        public volatile bool IsRecent;
    }
}
