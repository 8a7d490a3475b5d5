namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>What Rock Ridge says of one record. Used again for the next.</summary>
internal sealed class RockRidgeEntry
{
    private readonly byte[] _name = new byte[FileSystem.MaxNameLength + 1];
    private readonly byte[] _target = new byte[ArchiveFileSystem.MaxTarget + 1];
    private int _nameLength;
    private int _targetLength;

    /// <summary>Whether anything of it was there.</summary>
    public bool IsPresent { get; set; }

    /// <summary>Why not all of it can be believed; null if it can.</summary>
    public string? Problem { get; set; }

    /// <summary>Type and permissions; null if they are not told.</summary>
    public uint? Mode { get; set; }

    public uint LinkCount { get; set; }

    public uint UserId { get; set; }

    public uint GroupId { get; set; }

    /// <summary>What tells files apart that have several names; 0 in older images.</summary>
    public uint SerialNumber { get; set; }

    public Timestamp? ModificationTime { get; set; }

    public Timestamp? AccessTime { get; set; }

    public Timestamp? ChangeTime { get; set; }

    /// <summary>A device's number in the kernel's encoding.</summary>
    public uint? Device { get; set; }

    /// <summary>Where the directory stands that belongs here (CL); null for what is in its place.</summary>
    public uint? ChildBlock { get; set; }

    /// <summary>Whether it belongs elsewhere (RE), and is not shown here.</summary>
    public bool IsRelocated { get; set; }

    /// <summary>The size of what comes out of compressed content (ZF, zisofs); null if it is not compressed.</summary>
    public uint? CompressedSize { get; set; }

    /// <summary>The name; empty if none is told.</summary>
    public ReadOnlySpan<byte> Name => _name.AsSpan(0, _nameLength);

    /// <summary>A symbolic link's target; empty if none is told, or it is too long.</summary>
    public ReadOnlySpan<byte> Target => _targetLength > ArchiveFileSystem.MaxTarget ? [] : _target.AsSpan(0, _targetLength);

    /// <summary>Whether a part of the target goes on with what comes next.</summary>
    public bool IsTargetOpen { get; set; }

    /// <summary>Appends to the name; what is too long for one stays so.</summary>
    public void AppendName(ReadOnlySpan<byte> part) => Append(_name, ref _nameLength, part);

    /// <summary>Appends a part of the target, behind a slash where it needs one.</summary>
    public void AppendTarget(ReadOnlySpan<byte> part)
    {
        if (!IsTargetOpen && _targetLength > 0 && _target[_targetLength - 1] != '/')
        {
            Append(_target, ref _targetLength, "/"u8);
        }
        Append(_target, ref _targetLength, part);
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _nameLength = 0;
        _targetLength = 0;
        IsTargetOpen = false;
        IsPresent = false;
        Problem = null;
        Mode = null;
        LinkCount = UserId = GroupId = SerialNumber = 0;
        ModificationTime = AccessTime = ChangeTime = null;
        Device = ChildBlock = CompressedSize = null;
        IsRelocated = false;
    }

    private static void Append(byte[] buffer, ref int length, ReadOnlySpan<byte> part)
    {
        part = part[..Math.Min(part.Length, buffer.Length - length)];
        part.CopyTo(buffer.AsSpan(length));
        length += part.Length;
    }
}
