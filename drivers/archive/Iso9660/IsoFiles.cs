using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Ranges;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>Puts an image's entries into a tree, with the places of their content.</summary>
internal sealed class IsoFiles(IsoVolume volume, long imageLength, EntryBuilder entries, RangeIndex index, DamageLines damage)
{
    private const uint FileMode = FileType.Regular | 0x124;
    private const uint DirectoryMode = FileType.Directory | 0x16D;
    private const uint PermissionMask = 0xFFF;

    /// <summary>A file of terabytes has a thousand.</summary>
    private const int MaxPieces = 1 << 16;

    private static readonly RangeRefusal Contradictory = new(Errno.EIO, "the two copies of its numbers differ");
    private static readonly RangeRefusal Outside = new(Errno.EIO, "its content lies outside the image");
    private static readonly RangeRefusal Interleaved = new(Errno.EOPNOTSUPP, "its content is interleaved with another's");
    private static readonly RangeRefusal OtherVolume = new(Errno.EOPNOTSUPP, "its content is on another volume of the set");
    private static readonly RangeRefusal Scattered = new(Errno.EOPNOTSUPP, $"it has over {MaxPieces} extents");
    private static readonly RangeRefusal Compressed = new(Errno.EOPNOTSUPP, "it is compressed (zisofs)");
    private static readonly RangeRefusal WrongType = new(Errno.EIO, "Rock Ridge says that it is a directory, its record that it is none");

    private readonly Dictionary<(long Start, long Size, uint SerialNumber), byte[]> _linked = [];
    private readonly Dictionary<string, RangeRefusal> _problems = [];
    // The extents of a file that goes on in the next record.
    private readonly List<RangePiece> _pieces = [];
    private byte[] _piecesPath = [];
    private RangeRefusal? _piecesRefusal;

    /// <summary>Adds a directory.</summary>
    public void AddDirectory(ReadOnlySpan<byte> path, Timestamp time, RockRidgeEntry? rockRidge)
    {
        TreeNode node = GetNode(rockRidge, DirectoryMode, time);
        node.Mode = FileType.Directory | (node.Mode & PermissionMask);
        if (entries.TryAdd(path, node, out int entry))
        {
            index.Set(entry, 0);
            SetTimes(entry, node, rockRidge);
        }
    }

    /// <summary>Adds what is no directory, or notes an extent of it until its last comes.</summary>
    public void Add(in IsoRecord record, RockRidgeEntry? rockRidge, ReadOnlySpan<byte> path)
    {
        if (_pieces.Count > 0 && !path.SequenceEqual(_piecesPath))
        {
            EndDirectory();
        }
        AddPiece(record);
        if (record.HasMore)
        {
            _piecesPath = path.ToArray();
            return;
        }
        Place(record, rockRidge, path);
        Forget();
    }

    /// <summary>No more records follow: a file whose last extent did not come is not shown.</summary>
    public void EndDirectory()
    {
        if (_pieces.Count > 0)
        {
            damage.Add($"'{DamageLog.ToText(_piecesPath)}' is not shown: its last extent is missing");
            Forget();
        }
    }

    private void Forget()
    {
        _pieces.Clear();
        _piecesRefusal = null;
    }

    private void AddPiece(in IsoRecord record)
    {
        RangePiece piece = new(volume.GetPosition(record.Block), record.Size);
        _piecesRefusal ??= !record.AgreesWithItself ? Contradictory
            : record.IsInterleaved ? Interleaved
            // Some say 0 for the only one there is.
            : record.VolumeNumber != volume.SequenceNumber && record.VolumeNumber > 1 ? OtherVolume
            : piece.Start > imageLength && piece.Length > 0 ? Outside
            : _pieces.Count > MaxPieces ? Scattered
            : null;
        if (_pieces.Count > 0 && _pieces[^1].End == piece.Start)
        {
            _pieces[^1] = new RangePiece(_pieces[^1].Start, _pieces[^1].Length + piece.Length);
        }
        else if (_pieces.Count <= MaxPieces)
        {
            _pieces.Add(piece);
        }
    }

    private void Place(in IsoRecord record, RockRidgeEntry? rockRidge, ReadOnlySpan<byte> path)
    {
        TreeNode node = GetNode(rockRidge, FileMode, record.Time);
        uint type = node.Mode & FileType.Mask;
        bool isKnown = type is FileType.Regular or FileType.SymbolicLink or FileType.CharacterDevice or FileType.BlockDevice or FileType.Fifo or FileType.Socket;
        if (!isKnown)
        {
            node.Mode = FileType.Regular | (node.Mode & PermissionMask);
            _piecesRefusal ??= WrongType;
        }
        if ((node.Mode & FileType.Mask) == FileType.Regular)
        {
            node.Size = rockRidge?.CompressedSize ?? _pieces.Sum(piece => piece.Length);
            PlaceFile(node, rockRidge, path);
        }
        else if (entries.TryAdd(path, node, out int entry))
        {
            index.Set(entry, 0);
            SetTimes(entry, node, rockRidge);
            if (type == FileType.SymbolicLink && !rockRidge!.Target.IsEmpty && !rockRidge.IsTargetOpen && !rockRidge.Target.Contains((byte)0) && rockRidge.Problem is null)
            {
                entries.Tree.SetTarget(entry, rockRidge.Target);
            }
            else if (type is FileType.CharacterDevice or FileType.BlockDevice)
            {
                entries.Tree.SetDevice(entry, rockRidge!.Device ?? 0);
            }
        }
    }

    private void PlaceFile(in TreeNode node, RockRidgeEntry? rockRidge, ReadOnlySpan<byte> path)
    {
        // Images tell of names that share a file only by how many it has, and that their content is the same.
        bool isLinked = rockRidge is { LinkCount: > 1 } && node.Size > 0 && _pieces.Count == 1;
        (long, long, uint) identity = (_pieces[0].Start, node.Size, rockRidge?.SerialNumber ?? 0);
        if (isLinked && _linked.TryGetValue(identity, out byte[]? first))
        {
            entries.AddHardLink(path, first);
            return;
        }
        if (!entries.TryAdd(path, node, out int entry))
        {
            return;
        }
        index.Set(entry, _pieces[0].Start);
        SetTimes(entry, node, rockRidge);
        if (_pieces.Count > 1)
        {
            entries.Tree.CountMetadata((_pieces.Count * 16L) + 64);
            index.SetPieces(entry, [.. _pieces]);
        }
        if ((_piecesRefusal ?? GetRefusal(rockRidge)) is RangeRefusal refusal)
        {
            entries.Tree.CountMetadata(64);
            index.Refuse(entry, refusal);
        }
        if (isLinked)
        {
            entries.Tree.CountMetadata(path.Length + 96L);
            _linked.Add(identity, path.ToArray());
        }
    }

    private RangeRefusal? GetRefusal(RockRidgeEntry? rockRidge)
    {
        if (rockRidge?.CompressedSize is not null)
        {
            return Compressed;
        }
        if (rockRidge?.Problem is not string problem)
        {
            return null;
        }
        if (!_problems.TryGetValue(problem, out RangeRefusal? refusal))
        {
            refusal = new RangeRefusal(Errno.EIO, problem);
            _problems.Add(problem, refusal);
        }
        return refusal;
    }

    private static TreeNode GetNode(RockRidgeEntry? rockRidge, uint defaultMode, Timestamp time) => new()
    {
        Mode = rockRidge?.Mode ?? defaultMode,
        UserId = rockRidge?.UserId ?? 0,
        GroupId = rockRidge?.GroupId ?? 0,
        ModificationTime = rockRidge?.ModificationTime ?? time,
    };

    private void SetTimes(int entry, in TreeNode node, RockRidgeEntry? rockRidge)
    {
        Timestamp modification = node.ModificationTime;
        Timestamp access = rockRidge?.AccessTime ?? modification;
        Timestamp change = rockRidge?.ChangeTime ?? modification;
        if (access != modification || change != modification)
        {
            entries.Tree.CountMetadata(64);
            entries.Tree.SetTimes(entry, access, modification, change);
        }
    }
}
