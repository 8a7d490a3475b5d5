using System.Text;
using Kaleidofs.Drivers.Archive.Tar;

namespace Kaleidofs.Drivers.Archive.Writing;

/// <summary>Where in a tar the entries are that it keeps, with all headers that belong to them.</summary>
internal sealed class TarLayout
{
    private const int MaxExtension = 16 << 20;

    private readonly string _name;
    private readonly RemovedPaths _removed;
    private readonly TarInput _input;
    private readonly byte[] _block = new byte[TarHeader.BlockLength];
    private readonly List<(long Start, long Length)> _kept = [];
    private long _keptFrom;
    private bool _isFirst = true;

    // Of the next entry.
    private long _start = -1;
    private PaxRecords _pax = new();
    private byte[]? _longName;
    private byte[]? _longLink;

    private TarLayout(string name, TarInput input, RemovedPaths removed)
    {
        _name = name;
        _input = input;
        _removed = removed;
    }

    /// <summary>The ranges that are kept, in their order.</summary>
    public IReadOnlyList<(long Start, long Length)> Kept => _kept;

    /// <summary>Whether there are PAX records for all entries that follow, new ones too.</summary>
    public bool HasGlobalRecords { get; private set; }

    /// <summary>What its names begin with: <c>./</c>, or nothing.</summary>
    public string Prefix { get; private set; } = "";

    /// <summary>Reads a tar from its beginning to its end.</summary>
    /// <exception cref="SourceException">It is not whole, another name of a removed file stays, or something stands behind its end.</exception>
    public static TarLayout Read(string name, TarInput input, RemovedPaths removed)
    {
        TarLayout layout = new(name, input, removed);
        layout.Read();
        return layout;
    }

    private void Read()
    {
        long end = 0;
        int zeroBlocks = 0;
        while (zeroBlocks < 2 && _input.TryRead(_block))
        {
            if (!_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                zeroBlocks++;
                continue;
            }
            zeroBlocks = 0;
            _input.ReportProgress();
            Take(_input.Position - TarHeader.BlockLength);
            end = _start < 0 ? _input.Position : end;
        }
        if (_start >= 0)
        {
            throw Damaged(_start);
        }
        Keep(end);
        // Zeros; anything else would be lost.
        while (_input.TryRead(_block))
        {
            _input.ReportProgress();
            if (_block.AsSpan().ContainsAnyExcept((byte)0))
            {
                throw new SourceException($"{_name}: something stands behind its end, at byte {_input.Position - TarHeader.BlockLength} or later, and would be lost: not changed");
            }
        }
        if (_input.Problem is { } problem)
        {
            throw new SourceException($"{_name}: {problem}: not changed");
        }
    }

    private void Take(long position)
    {
        TarHeader header = new(_block);
        if (!header.HasValidChecksum() || !header.TryGetSize(out long size))
        {
            throw Damaged(position);
        }
        switch (header.Type)
        {
            case TarType.PaxGlobalHeader:
                HasGlobalRecords = true;
                Skip(size, position);
                break;
            case TarType.PaxHeader or TarType.SolarisPaxHeader:
                Begin(position);
                if (!_pax.TryAdd(ReadExtension(size, position), isGlobal: false))
                {
                    throw Damaged(position);
                }
                break;
            case TarType.GnuLongName:
                Begin(position);
                _longName = Terminated(ReadExtension(size, position));
                break;
            case TarType.GnuLongLink:
                Begin(position);
                _longLink = Terminated(ReadExtension(size, position));
                break;
            case TarType.GnuVolumeLabel or TarType.GnuContinued or TarType.GnuOldNames:
                Skip(size, position);
                break;
            default:
                Begin(position);
                TakeEntry(header, size, position);
                break;
        }
    }

    private void TakeEntry(in TarHeader header, long size, long position)
    {
        byte[] path = _pax.SparseName ?? _pax.Path ?? _longName ?? GetName(header);
        bool hasContent = TarType.HasContent(header.Type) || (header.Type == TarType.HardLink && _pax.Size is not null);
        if (header.Type == TarType.GnuSparse && SparseMapReader.ReadOld(header, _input) is null)
        {
            throw Damaged(position);
        }
        bool isRemoved = _removed.IsRemoved(path);
        if (header.Type == TarType.HardLink && !isRemoved)
        {
            byte[] target = _pax.LinkPath ?? _longLink ?? header.LinkName.ToArray();
            if (_removed.IsRemoved(target))
            {
                throw new SourceException(
                    $"{_name}: {Encoding.UTF8.GetString(path)} is a hard link to {Encoding.UTF8.GetString(target)}, which is removed: not changed; write {Encoding.UTF8.GetString(path)} anew first");
            }
        }
        Skip(hasContent ? _pax.Size ?? size : 0, position);
        if (isRemoved)
        {
            Keep(_start);
            _keptFrom = _input.Position;
        }
        if (_isFirst && path.AsSpan().StartsWith("./"u8))
        {
            Prefix = "./";
        }
        _isFirst = false;
        _start = -1;
        _pax = new PaxRecords();
        _longName = null;
        _longLink = null;
    }

    private void Begin(long position) => _start = _start < 0 ? position : _start;

    private void Keep(long end)
    {
        if (end > _keptFrom)
        {
            _kept.Add((_keptFrom, end - _keptFrom));
        }
    }

    private void Skip(long count, long position)
    {
        if (count > long.MaxValue - TarHeader.BlockLength || !_input.TrySkip(count + (-count & (TarHeader.BlockLength - 1))))
        {
            throw Damaged(position);
        }
    }

    private byte[] ReadExtension(long size, long position)
    {
        byte[] content = new byte[size <= MaxExtension ? size : throw Damaged(position)];
        return _input.TryRead(content) && _input.TrySkip(-size & (TarHeader.BlockLength - 1)) ? content : throw Damaged(position);
    }

    private static byte[] GetName(in TarHeader header)
        => header.Prefix.IsEmpty ? header.Name.ToArray() : [.. header.Prefix, (byte)'/', .. header.Name];

    private static byte[] Terminated(byte[] text)
    {
        int end = text.AsSpan().IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }

    private SourceException Damaged(long position) => new($"{_name}: damaged or cut off at byte {position}: not changed");
}
