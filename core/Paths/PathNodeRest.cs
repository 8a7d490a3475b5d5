namespace Kaleidofs.Paths;

/// <summary>What most nodes do not have: something in them, changes of this process, and attributes that do not follow from size and time.</summary>
internal sealed class PathNodeRest
{
    private bool _hasAttributes;
    private ulong _blocks;
    private Timestamp _accessTime;
    private Timestamp _changeTime;
    private Timestamp _birthTime;
    private uint _linkCount;
    private uint _deviceId;
    private uint _blockSize;

    /// <summary>As <see cref="PathNode.Directory"/>.</summary>
    public PathDirectory? Directory { get; set; }

    /// <summary>As <see cref="PathNode.ChangedIn"/>.</summary>
    public long ChangedIn { get; set; }

    /// <summary>As <see cref="PathNode.Holds"/>.</summary>
    public int Holds { get; set; }

    /// <summary>Keeps what the node has no place for.</summary>
    public void Keep(in Attributes told)
    {
        (_blocks, _accessTime, _changeTime, _birthTime) = (told.Blocks, told.AccessTime, told.ChangeTime, told.BirthTime);
        (_linkCount, _deviceId, _blockSize) = (told.LinkCount, told.DeviceId, told.BlockSize);
        _hasAttributes = true;
    }

    /// <summary>The node has a place for all of them.</summary>
    public void Drop() => _hasAttributes = false;

    /// <summary>Puts what was kept into attributes.</summary>
    public void Complete(ref Attributes attributes)
    {
        if (_hasAttributes)
        {
            (attributes.Blocks, attributes.AccessTime, attributes.ChangeTime, attributes.BirthTime) = (_blocks, _accessTime, _changeTime, _birthTime);
            (attributes.LinkCount, attributes.DeviceId, attributes.BlockSize) = (_linkCount, _deviceId, _blockSize);
        }
    }
}
