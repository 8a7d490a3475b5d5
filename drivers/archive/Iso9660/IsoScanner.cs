using System.Security.Cryptography;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Ranges;

namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>
/// Walks an image's directories, depth first, into a tree: by Rock Ridge's names if there are any, else by Joliet's, else by ISO 9660's own.
/// Each directory is read once, wherever it is named, and all together have no more bytes than the image: that ends loops, and bounds what
/// a small image can ask for.
/// </summary>
internal sealed class IsoScanner(ByteSource bytes, EntryBuilder entries, RangeIndex index, OpeningContext context, IncrementalHash digest)
{
    private const int BufferLength = 2 * IsoFormat.SectorLength;

    /// <summary>Directories deeper than a path of Linux reaches (PATH_MAX) are not shown: in an image each level costs little, and names all above it again.</summary>
    private const int MaxPathLength = 4095;

    private readonly PositionedInput _input = new(bytes, BufferLength, context.Progress);
    private readonly DamageLines _damage = new(bytes.Path, context.Log);
    private readonly RockRidgeEntry _rockRidge = new();
    private readonly Stack<IsoDirectory> _open = [];
    private readonly HashSet<long> _seen = [];
    private readonly byte[] _record = new byte[IsoRecord.MaxLength];
    private readonly byte[] _path = new byte[MaxPathLength + FileSystem.MaxNameLength + 1];
    private IsoVolume? _volume;
    private RockRidgeReader? _reader;
    private IsoFiles? _files;
    private long _directoryBytes;
    private bool _isJoliet;
    // How many bytes stand before Rock Ridge's fields; -1 if there are none.
    private int _skip = -1;

    private IsoVolume Volume => _volume!;

    private IsoFiles Files => _files!;

    /// <summary>Reads all directories.</summary>
    /// <exception cref="SourceException">It has no volume that can be read.</exception>
    public void Scan()
    {
        _volume = IsoVolume.Find(_input, out IsoVolume? joliet, out bool hasUdf);
        Timestamp rootTime = ReadRootsOwn();
        if (_skip < 0 && joliet is not null)
        {
            _volume = joliet;
            _isJoliet = true;
        }
        digest.AppendData(Volume.Descriptor);
        if (hasUdf)
        {
            context.Log.Warning($"{_input.Path}: it has UDF, too, which is not read: shown is what is in ISO 9660");
        }
        if (Volume.Length > _input.Length)
        {
            _damage.Add($"cut off: {Volume.Length - _input.Length} of its {Volume.Length} bytes are missing; files that stand there cannot be read");
        }
        _files = new IsoFiles(_volume, bytes.Length, entries, index, _damage);
        Files.AddDirectory("."u8, rootTime, _skip < 0 ? null : _rockRidge);
        IsoRecord record = Volume.Root;
        Enter(Volume.GetPosition(record.Block), record.Size, 0);
        while (_open.TryPop(out IsoDirectory directory))
        {
            Continue(directory);
        }
    }

    /// <summary>The root's own record says whether there is Rock Ridge, and what the root is like. Returns the root's time.</summary>
    private Timestamp ReadRootsOwn()
    {
        _reader = new RockRidgeReader(bytes, Volume, context.Progress, digest);
        if (!TryReadRecord(Volume.GetPosition(Volume.Root.Block), IsoRecord.MaxLength, out int length))
        {
            return Volume.Root.Time;
        }
        IsoRecord own = new(_record.AsSpan(0, length), 0);
        int skip = RockRidgeReader.FindSkip(own.SystemUse);
        if (own.IsSelf && skip >= 0)
        {
            _reader.Read(own.SystemUse, _rockRidge);
            _skip = _rockRidge.IsPresent ? skip : -1;
        }
        return own.Time;
    }

    /// <summary>Begins a directory, unless it was read already.</summary>
    private void Enter(long start, long length, int pathLength)
    {
        ReadOnlySpan<byte> path = _path.AsSpan(0, pathLength);
        if (!_seen.Add(start))
        {
            _damage.Add($"the directory '{DamageLog.ToText(path)}' stands where another one does: shown empty");
            return;
        }
        if (length > _input.Length - start)
        {
            _damage.Add($"the directory '{DamageLog.ToText(path)}' lies outside the image, or in what is cut off: shown as far as it is there");
            length = Math.Max(0, _input.Length - start);
        }
        _directoryBytes += length;
        if (_directoryBytes > _input.Length)
        {
            _damage.Add($"the directory '{DamageLog.ToText(path)}' is shown empty: its directories overlap, all have more bytes than the image");
            _directoryBytes -= length;
            return;
        }
        _open.Push(new IsoDirectory(start, start, start + length, pathLength));
    }

    /// <summary>Reads on in a directory, up to its end or to a directory within it, which then comes first.</summary>
    private void Continue(IsoDirectory directory)
    {
        long position = directory.Position;
        int depth = _open.Count;
        while (position < directory.End)
        {
            _input.ReportProgress(Math.Min(_directoryBytes, _input.Length));
            // A record does not cross the end of a sector; zeros fill what is left of one.
            long sectorEnd = Math.Min(directory.End, position + IsoFormat.SectorLength - ((position - directory.Start) % IsoFormat.SectorLength));
            if (!TryReadRecord(position, sectorEnd - position, out int length))
            {
                if (length != 0)
                {
                    _damage.Add($"the directory '{DamageLog.ToText(_path.AsSpan(0, directory.PathLength))}' is damaged at byte {position}: what follows in its sector is not shown");
                }
                position = sectorEnd;
                continue;
            }
            position += length;
            Take(directory, length, directory with { Position = position });
            if (_open.Count != depth)
            {
                return;
            }
        }
        Files.EndDirectory();
    }

    /// <summary>Reads a record, which must fit; its length is 0 where there is none.</summary>
    private bool TryReadRecord(long position, long room, out int length)
    {
        length = 0;
        if (!_input.TryRead(position, _record.AsSpan(0, 1)))
        {
            length = -1;
            return false;
        }
        length = _record[0];
        return length >= IsoRecord.MinLength && length <= room && _input.TryRead(position, _record.AsSpan(0, length))
            && new IsoRecord(_record.AsSpan(0, length), 0).IsWhole;
    }

    /// <summary>Takes a record; if it is a directory's, that is entered, and <paramref name="rest"/> is to be read after it.</summary>
    private void Take(IsoDirectory directory, int length, IsoDirectory rest)
    {
        IsoRecord record = new(_record.AsSpan(0, length), Math.Max(_skip, 0));
        if (record.IsSelf || record.IsParent || record.IsAssociated)
        {
            return;
        }
        digest.AppendData(_record.AsSpan(0, length));
        RockRidgeEntry? rockRidge = ReadRockRidge(record);
        if (rockRidge is { IsRelocated: true })
        {
            return;
        }
        ReadOnlySpan<byte> name = rockRidge is not null && !rockRidge.Name.IsEmpty ? rockRidge.Name
            : _isJoliet ? IsoName.ReadJoliet(record.Name)
            : IsoName.Read(record.Name);
        if (!IsoName.IsGood(name))
        {
            _damage.Add($"an entry of '{DamageLog.ToText(_path.AsSpan(0, directory.PathLength))}' is not shown: it cannot be named '{DamageLog.ToText(name)}'");
            return;
        }
        int pathLength = Join(directory.PathLength, name);
        if (record.IsDirectory || rockRidge is { ChildBlock: not null })
        {
            TakeDirectory(record, rockRidge, pathLength, rest);
            return;
        }
        Files.Add(record, rockRidge, _path.AsSpan(0, pathLength));
    }

    private void TakeDirectory(in IsoRecord record, RockRidgeEntry? rockRidge, int pathLength, IsoDirectory rest)
    {
        Files.EndDirectory();
        ReadOnlySpan<byte> path = _path.AsSpan(0, pathLength);
        if (pathLength > MaxPathLength)
        {
            _damage.Add($"a directory is not shown: its path has over {MaxPathLength} bytes");
            return;
        }
        long start = Volume.GetPosition(record.Block);
        long size = record.Size;
        Timestamp time = record.Time;
        if (rockRidge?.ChildBlock is uint block)
        {
            start = Volume.GetPosition(block);
            if (!TryReadRecord(start, IsoRecord.MaxLength, out int length) || new IsoRecord(_record.AsSpan(0, length), _skip) is not { IsSelf: true, AgreesWithItself: true })
            {
                _damage.Add($"the directory '{DamageLog.ToText(path)}' is shown empty: there is none where it is said to be");
                Files.AddDirectory(path, time, rockRidge);
                return;
            }
            // Only there is it said what it is like.
            IsoRecord own = new(_record.AsSpan(0, length), _skip);
            size = own.Size;
            time = own.Time;
            rockRidge = ReadRockRidge(own);
        }
        Files.AddDirectory(path, time, rockRidge);
        if (!record.AgreesWithItself)
        {
            _damage.Add($"the directory '{DamageLog.ToText(path)}' is shown empty: the two copies of its numbers differ");
            return;
        }
        _open.Push(rest);
        Enter(start, size, pathLength);
    }

    private RockRidgeEntry? ReadRockRidge(in IsoRecord record)
    {
        if (_skip < 0)
        {
            return null;
        }
        _reader!.Read(record.SystemUse, _rockRidge);
        return _rockRidge;
    }

    /// <summary>Appends a name to a directory's path; returns the length of both.</summary>
    private int Join(int directoryLength, ReadOnlySpan<byte> name)
    {
        if (directoryLength > 0)
        {
            _path[directoryLength++] = (byte)'/';
        }
        name.CopyTo(_path.AsSpan(directoryLength));
        return directoryLength + name.Length;
    }
}
