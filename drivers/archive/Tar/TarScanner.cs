using System.Security.Cryptography;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>Reads a tar's headers from first to last, into a tree.</summary>
internal sealed class TarScanner : IDisposable
{
    /// <summary>PAX records and long names: more is no name, and no attribute that Linux takes.</summary>
    private const int MaxExtension = 16 << 20;

    private const uint PermissionMask = 0xFFF;

    private readonly TarInput _input;
    private readonly EntryBuilder _entries;
    private readonly TreeBuilder _builder;
    private readonly TarIndex _index;
    private readonly AttributeInterner _attributes;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _block = new byte[TarHeader.BlockLength];
    private readonly byte[] _joined = new byte[2 * TarHeader.BlockLength];
    private readonly List<string> _problems = [];

    // What extension headers said of the next entry, and of all.
    private readonly PaxRecords _global = new();
    private PaxRecords? _pax;
    private byte[]? _longName;
    private byte[]? _longLink;
    private bool _isExtensionDamaged;
    // What a volume of several begins with the rest of.
    private string? _continued;

    // Those that no entry has been found to go on at.
    private readonly Queue<(long Position, VolumeStart Start)> _joins;

    /// <param name="input">The tar.</param>
    /// <param name="entries">Takes the entries.</param>
    /// <param name="index">Takes where their content is.</param>
    /// <param name="joins">Where volumes were joined, in order.</param>
    public TarScanner(TarInput input, EntryBuilder entries, TarIndex index, IEnumerable<(long Position, VolumeStart Start)> joins)
    {
        _joins = new(joins);
        _input = input;
        _entries = entries;
        _builder = entries.Tree;
        _index = index;
        _attributes = new AttributeInterner(entries.Tree);
    }

    /// <summary>What was wrong with the tar, a line each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Whether the first block is no header: then this is no tar.</summary>
    public bool IsNoTar { get; private set; }

    /// <summary>Reads all headers, up to two blocks of zeros or the input's end.</summary>
    public void Scan()
    {
        int zeroBlocks = 0;
        long damagedSince = -1;
        bool isFirst = true;
        while (zeroBlocks < 2 && _input.TryRead(_block))
        {
            _input.ReportProgress();
            long position = _input.Position - TarHeader.BlockLength;
            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                // Behind a damaged header they may be a file's content.
                zeroBlocks += damagedSince < 0 ? 1 : 0;
                isFirst = false;
                continue;
            }
            zeroBlocks = 0;
            TarHeader header = new(_block);
            bool isHeader = header.HasValidChecksum() && header.TryGetSize(out _) && (damagedSince < 0 || header.IsUstar);
            if (!isHeader && isFirst)
            {
                IsNoTar = true;
                return;
            }
            isFirst = false;
            if (!isHeader)
            {
                // As other tars do: go on at the next block that is a header.
                damagedSince = damagedSince < 0 ? position : damagedSince;
                continue;
            }
            ReportDamage(ref damagedSince, position);
            _hash.AppendData(_block);
            if (!TryTake(header))
            {
                _problems.Add($"cut off: {_input.Problem ?? "it ends"} at byte {_input.Position}, in an entry; those before are whole");
                break;
            }
        }
        IsNoTar = isFirst;
        ReportDamage(ref damagedSince, _input.Position);
        if (_input.Problem is not null && _problems.Count == 0)
        {
            _problems.Add($"{_input.Problem} at byte {_input.Position}; the entries before are whole");
        }
        if (_continued is not null)
        {
            _problems.Insert(0, $"a further volume (tar -M): it begins with the rest of '{_continued}', which is not shown, as its beginning is in the volume before");
        }
        _index.End = _input.Position;
    }

    /// <summary>The digest of all headers.</summary>
    public string GetDigest() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();

    private void ReportDamage(ref long since, long end)
    {
        const int MaxReports = 10;
        if (since >= 0 && _problems.Count < MaxReports)
        {
            _problems.Add($"damaged: no header at byte {since}; {end - since} bytes were passed over");
        }
        since = -1;
    }

    /// <summary>Takes a header and passes over what belongs to it; false if that is cut off.</summary>
    private bool TryTake(in TarHeader header)
    {
        _ = header.TryGetSize(out long size);
        switch (header.Type)
        {
            case TarType.PaxHeader or TarType.SolarisPaxHeader:
                return TryReadExtension(size, content => (_pax ??= _global.Clone()).TryAdd(content, isGlobal: false));
            case TarType.PaxGlobalHeader:
                return TryReadExtension(size, content => _global.TryAdd(content, isGlobal: true));
            case TarType.GnuLongName:
                return TryReadExtension(size, content => (_longName = Terminated(content)) is not null);
            case TarType.GnuLongLink:
                return TryReadExtension(size, content => (_longLink = Terminated(content)) is not null);
            case TarType.GnuContinued:
                _continued ??= DamageLog.ToText(header.Name);
                return TrySkipContent(size);
            case TarType.GnuVolumeLabel or TarType.GnuOldNames:
                return TrySkipContent(size);
            default:
                bool isWhole = TryTakeEntry(header, size);
                _pax = null;
                _longName = null;
                _longLink = null;
                _isExtensionDamaged = false;
                return isWhole;
        }
    }

    private bool TryTakeEntry(in TarHeader header, long size)
    {
        PaxRecords pax = _pax ?? _global;
        ReadOnlySpan<byte> path = GetPath(header, pax);
        byte type = header.Type;
        bool hasContent = TarType.HasContent(type) || (type == TarType.HardLink && pax.Size is not null);
        long stored = hasContent ? pax.Size ?? size : 0;
        if (type == TarType.HardLink)
        {
            using (_entries.Enter())
            {
                _entries.AddHardLink(path, GetTarget(header, pax));
            }
            return TrySkipContent(stored);
        }
        bool isDirectory = TarType.ToFileType(type) == FileType.Regular && path.EndsWith("/"u8);
        uint fileType = isDirectory ? FileType.Directory : TarType.ToFileType(type);
        TreeNode node = GetNode(header, pax, fileType, stored);
        SparseMap? map = null;
        bool isDamaged = _isExtensionDamaged;
        (long start, long length) = (_input.Position, stored);
        if (fileType == FileType.Regular && (type == TarType.GnuSparse || pax.IsSparse))
        {
            map = ReadMap(header, pax, ref stored, out node.Size);
            isDamaged |= map is null;
            // The old form has its map in headers; the others have it in the content.
            (start, length) = type == TarType.GnuSparse ? (_input.Position, stored) : (start, length);
        }
        isDamaged |= !IsJoined(path, start, length);
        using (_entries.Enter())
        {
            if (_entries.TryAdd(path, node, out int entry))
            {
                _index.Set(entry, _input.Position);
                SetDetails(entry, header, pax, node, map, isDamaged);
            }
        }
        return TrySkipContent(stored);
    }

    /// <summary>Whether each volume that a file goes on in says that it goes on there with that file.</summary>
    private bool IsJoined(ReadOnlySpan<byte> path, long start, long length)
    {
        bool isJoined = true;
        while (_joins.TryPeek(out (long Position, VolumeStart Start) join) && join.Position - start < length)
        {
            _joins.Dequeue();
            // One that no content was at must be between entries.
            if (join.Position >= start ? !join.Start.Continues(path, start + length - join.Position) : join.Start.Length > 0)
            {
                isJoined = false;
                _problems.Add($"the volume that begins at byte {join.Position} does not go on where the one before ends, in '{DamageLog.ToText(path)}': one is missing, or they are in another order");
            }
        }
        return isJoined;
    }

    private void SetDetails(int entry, in TarHeader header, PaxRecords pax, in TreeNode node, SparseMap? map, bool isDamaged)
    {
        switch (node.Mode & FileType.Mask)
        {
            case FileType.SymbolicLink:
                ReadOnlySpan<byte> target = GetTarget(header, pax);
                if (target.Length is > 0 and <= ArchiveFileSystem.MaxTarget && !target.Contains((byte)0))
                {
                    _builder.SetTarget(entry, target);
                }
                break;
            case FileType.BlockDevice or FileType.CharacterDevice:
                _builder.SetDevice(entry, header.GetDevice());
                break;
            default:
                break;
        }
        if (map is not null)
        {
            _builder.CountMetadata((map.Count * 3L * sizeof(long)) + 128);
            _index.SetMap(entry, map);
            _builder.SetBlocks(entry, (ulong)(map.DataLength + 511) / 512);
        }
        if (isDamaged)
        {
            _index.SetDamaged(entry);
        }
        if (pax.AccessTime is not null || pax.ChangeTime is not null)
        {
            _builder.SetTimes(entry, pax.AccessTime ?? node.ModificationTime, node.ModificationTime, pax.ChangeTime ?? node.ModificationTime);
        }
        if (pax.ExtendedAttributes.Count > 0)
        {
            _builder.SetExtendedAttributes(entry, _attributes.Intern(pax.ExtendedAttributes));
        }
    }

    private static TreeNode GetNode(in TarHeader header, PaxRecords pax, uint fileType, long size) => new()
    {
        Mode = fileType | ((uint)header.GetMode() & PermissionMask),
        UserId = (uint)(pax.UserId ?? header.GetUserId()),
        GroupId = (uint)(pax.GroupId ?? header.GetGroupId()),
        Size = fileType == FileType.Regular ? size : 0,
        ModificationTime = pax.ModificationTime ?? new Timestamp(header.GetModificationTime()),
    };

    /// <summary>The map of a file with holes; null if it is malformed.</summary>
    private SparseMap? ReadMap(in TarHeader header, PaxRecords pax, ref long stored, out long size)
    {
        List<long>? pieces;
        bool hasSize = true;
        if (header.Type == TarType.GnuSparse)
        {
            hasSize = header.TryGetRealSize(out size);
            pieces = SparseMapReader.ReadOld(header, _input);
        }
        else
        {
            size = pax.SparseRealSize ?? stored;
            pieces = pax.SparseMajor == 1 ? SparseMapReader.ReadVersion1(_input, ref stored) : pax.SparsePieces;
        }
        if (!hasSize || size < 0 || pieces is null || pieces.Count > SparseMapReader.MaxPieces * 2)
        {
            size = Math.Max(size, 0);
            return null;
        }
        SparseMap? map = SparseMap.Create(pieces, size);
        return map is not null && map.DataLength <= stored ? map : null;
    }

    private ReadOnlySpan<byte> GetPath(in TarHeader header, PaxRecords pax)
    {
        if ((pax.SparseName ?? pax.Path ?? _longName) is byte[] path)
        {
            return path;
        }
        ReadOnlySpan<byte> prefix = header.Prefix;
        if (prefix.IsEmpty)
        {
            return header.Name;
        }
        prefix.CopyTo(_joined);
        _joined[prefix.Length] = (byte)'/';
        header.Name.CopyTo(_joined.AsSpan(prefix.Length + 1));
        return _joined.AsSpan(0, prefix.Length + 1 + header.Name.Length);
    }

    private ReadOnlySpan<byte> GetTarget(in TarHeader header, PaxRecords pax)
        => (pax.LinkPath ?? _longLink) is byte[] target ? target : header.LinkName;

    private bool TryReadExtension(long size, Func<byte[], bool> take)
    {
        if (size > MaxExtension)
        {
            _isExtensionDamaged = true;
            return TrySkipContent(size);
        }
        byte[] content = new byte[size];
        if (!_input.TryRead(content))
        {
            return false;
        }
        _hash.AppendData(content);
        _isExtensionDamaged |= !take(content);
        return _input.TrySkip(Padding(size));
    }

    private bool TrySkipContent(long size)
        => size <= long.MaxValue - _input.Position - TarHeader.BlockLength && _input.TrySkip(size + Padding(size));

    private static long Padding(long size) => -size & (TarHeader.BlockLength - 1);

    private static byte[] Terminated(byte[] text)
    {
        int end = text.AsSpan().IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }
}
