using Kaleidofs.Host.Virtio;

namespace Kaleidofs.Host.VhostUser;

/// <summary>The messages about guest memory. Every change makes a new snapshot; the old one lives until nobody uses it.</summary>
internal sealed partial class VhostUserDevice
{
    private const int RegionSize = 32;
    private const int RegionsOffset = 8;

    /// <summary>Every region that was mapped and may still be: a request in flight keeps one that the guest took back.</summary>
    private readonly List<MemoryRegion> _mapped = [];

    private string? SetMemoryTable(VhostUserMessage message)
    {
        uint count = message.ReadUInt32(0);
        // Some front ends send the whole table, used or not.
        if (count > MessageRule.MaxTableRegions || message.Size < RegionsOffset + RegionSize * (int)count || message.Descriptors.Count != count)
        {
            return $"{count} regions, {message.Size} bytes and {message.Descriptors.Count} file descriptors";
        }
        List<MemoryRegion> regions = [];
        for (int i = 0; i < count; i++)
        {
            MemoryRegionLayout layout = ReadLayout(message, RegionsOffset + RegionSize * i);
            string? error = regions.Exists(other => other.Layout.Overlaps(layout)) ? "it overlaps another region" : null;
            MemoryRegion? region = error is null ? MemoryRegion.Map(layout, message.Descriptor(i), out error) : null;
            if (region is null)
            {
                regions.ForEach(mapped => mapped.Release());
                return $"region {i}: {error}";
            }
            regions.Add(region);
        }
        Track(regions);
        return Switch(new GuestMemory(regions));
    }

    private string? AddMemoryRegion(VhostUserMessage message)
    {
        MemoryRegionLayout layout = ReadLayout(message, RegionsOffset);
        if (_memory is { } memory)
        {
            if (memory.RegionCount >= GuestMemory.MaxRegions)
            {
                return $"more than {GuestMemory.MaxRegions} regions";
            }
            if (layout.Validate() is null && memory.Overlaps(layout))
            {
                return "it overlaps another region";
            }
        }
        MemoryRegion? region = MemoryRegion.Map(layout, message.Descriptor(0), out string? error);
        if (region is null)
        {
            return error;
        }
        Track([region]);
        return Switch(_memory is null ? new GuestMemory([region]) : _memory.With(region));
    }

    private string? RemoveMemoryRegion(VhostUserMessage message)
    {
        GuestMemory? rest = _memory?.Without(ReadLayout(message, RegionsOffset));
        return rest is null ? "there is no such region" : Switch(rest);
    }

    /// <summary>Makes a snapshot the current one, and waits until every ring has moved to it.</summary>
    private string? Switch(GuestMemory memory)
    {
        string? error = null;
        foreach (Vring vring in _vrings)
        {
            error = vring.SetMemory(memory, RingFeatures) ?? error;
        }
        _memory?.Release();
        _memory = memory;
        if (error is not null)
        {
            // The front end may take away memory that it knows to be unused; that the ring went with it stops the ring, no more.
            _log.Warning($"a queue was stopped by a change of memory: {error}");
        }
        return null;
    }

    private void Track(IReadOnlyList<MemoryRegion> regions)
    {
        _mapped.RemoveAll(static region => region.IsUnmapped);
        _mapped.AddRange(regions);
    }

    /// <summary>No ring runs. If a driver still has requests of one, and so may write into its buffers, these are the guest's no longer.</summary>
    private void DetachAbandoned()
    {
        if (_memory is not { } memory || !Array.Exists(_vrings, static vring => vring.HasAbandoned))
        {
            return;
        }
        if (memory.Duplicate() is not { } copy)
        {
            _log.Warning($"{_options.Name}: no room for other mappings of the guest's memory: what was given up may still write into it");
            return;
        }
        _mapped.ForEach(static region => region.Detach());
        _mapped.Clear();
        _mapped.AddRange(copy.Regions);
        memory.Release();
        _memory = copy;
    }

    private static MemoryRegionLayout ReadLayout(VhostUserMessage message, int offset)
        => new(message.ReadUInt64(offset), message.ReadUInt64(offset + 8), message.ReadUInt64(offset + 16), message.ReadUInt64(offset + 24));
}
