namespace Kaleidofs.Exporting;

/// <summary>Writes what a filesystem shows as a tar: names in the order of their bytes, all kinds of entries but sockets, hard links, extended attributes.</summary>
/// <param name="fileSystem">The filesystem.</param>
/// <param name="context">Who asks it.</param>
/// <param name="output">Where to write; may be a pipe.</param>
public sealed class TarExport(FileSystem fileSystem, RequestContext context, Stream output)
{
    private const int PieceLength = 1 << 20;

    /// <summary>Tapes had records of twenty blocks, and tar fills the last one still.</summary>
    private const int RecordLength = 20 * TarHeaders.BlockLength;

    private readonly TarHeaders _headers = new();
    private readonly byte[] _zeros = new byte[PieceLength];
    private readonly ArrayPayloadWriter _piece = new(PieceLength);
    private readonly Dictionary<ulong, byte[]> _linked = [];
    private long _position;

    /// <summary>Hears what cannot be read, by its path; the rest is written all the same.</summary>
    public Action<ReadOnlyMemory<byte>, Errno> OnFailure { get; init; } = static (_, _) => { };

    /// <summary>Hears how many entries are written.</summary>
    public Action<long> OnEntry { get; init; } = static _ => { };

    /// <summary>How many entries are written.</summary>
    public long EntryCount { get; private set; }

    /// <summary>How many bytes their contents have.</summary>
    public long ContentLength { get; private set; }

    /// <summary>Writes a tar of all that is below a directory, or of one file.</summary>
    /// <param name="name">The file's name; empty for a directory, whose entries have paths from there.</param>
    /// <param name="attributes">What to write.</param>
    /// <exception cref="IOException">The output cannot be written.</exception>
    public async Task WriteAsync(ReadOnlyMemory<byte> name, Attributes attributes)
    {
        if (attributes.IsDirectory)
        {
            await WriteBelowAsync(attributes.Inode).ConfigureAwait(false);
        }
        else
        {
            await WriteEntryAsync(name.ToArray(), attributes).ConfigureAwait(false);
        }
        await WriteZerosAsync(2 * TarHeaders.BlockLength).ConfigureAwait(false);
        await WriteZerosAsync(((_position + RecordLength - 1) / RecordLength * RecordLength) - _position).ConfigureAwait(false);
        await output.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Each directory right before what is in it. A directory's entries are forgotten when all of them are written.</summary>
    private async Task WriteBelowAsync(ulong root)
    {
        Stack<Level> levels = new();
        levels.Push(await ListAsync(root, []).ConfigureAwait(false));
        while (levels.TryPeek(out Level? level))
        {
            if (level.Next == level.Entries.Count)
            {
                foreach ((_, Attributes attributes) in level.Entries)
                {
                    fileSystem.Forget(attributes.Inode, 1);
                }
                levels.Pop();
                continue;
            }
            (byte[] name, Attributes entry) = level.Entries[level.Next++];
            byte[] path = level.Path.Length == 0 ? name : [.. level.Path, (byte)'/', .. name];
            await WriteEntryAsync(path, entry).ConfigureAwait(false);
            if (entry.IsDirectory)
            {
                levels.Push(await ListAsync(entry.Inode, path).ConfigureAwait(false));
            }
        }
    }

    private async Task<Level> ListAsync(ulong inode, byte[] path)
    {
        Level level = new(path);
        Result<OpenedFile> opened = await fileSystem.OpenDirectoryAsync(context, inode).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            OnFailure(path, opened.Errno);
            return level;
        }
        Errno errno;
        int before;
        do
        {
            before = level.Entries.Count;
            errno = await fileSystem.ListAsync(context, inode, opened.Value.Handle, level.Cookie, level).ConfigureAwait(false);
        }
        while (errno == Errno.None && level.Entries.Count > before);
        await fileSystem.ReleaseDirectoryAsync(context, inode, opened.Value.Handle).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            OnFailure(path, errno);
        }
        level.Entries.Sort(static (left, right) => left.Name.AsSpan().SequenceCompareTo(right.Name));
        return level;
    }

    private async Task WriteEntryAsync(byte[] path, Attributes attributes)
    {
        ChangedEntry entry = new()
        {
            Path = path,
            Attributes = attributes,
            HardLinkTo = attributes is { LinkCount: > 1, IsDirectory: false } && _linked.TryGetValue(attributes.Inode, out byte[]? first) ? first : (ReadOnlyMemory<byte>?)null,
        };
        if (!TarHeaders.CanHold(entry))
        {
            OnFailure(path, Errno.EOPNOTSUPP);
            return;
        }
        if (entry.HardLinkTo is null)
        {
            if (attributes.IsSymbolicLink)
            {
                Result<ReadOnlyMemory<byte>> target = await fileSystem.ReadLinkAsync(context, attributes.Inode).ConfigureAwait(false);
                if (!target.IsOk)
                {
                    OnFailure(path, target.Errno);
                    return;
                }
                entry = entry with { LinkTarget = target.Value.ToArray() };
            }
            entry = entry with { ExtendedAttributes = await GetExtendedAttributesAsync(path, attributes.Inode).ConfigureAwait(false) };
        }
        if (TarHeaders.HasContent(entry))
        {
            if (!await WriteFileAsync(entry).ConfigureAwait(false))
            {
                return;
            }
        }
        else
        {
            await WriteAsync(_headers.GetHeaders(entry)).ConfigureAwait(false);
        }
        if (attributes is { LinkCount: > 1, IsDirectory: false })
        {
            _linked.TryAdd(attributes.Inode, path);
        }
        OnEntry(++EntryCount);
    }

    /// <summary>False if there is nothing of the file in the tar.</summary>
    private async Task<bool> WriteFileAsync(ChangedEntry entry)
    {
        ulong inode = entry.Attributes.Inode;
        Result<OpenedFile> opened = await fileSystem.OpenAsync(context, inode, OpenFlags.ReadOnly).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            OnFailure(entry.Path, opened.Errno);
            return false;
        }
        try
        {
            // Some sizes are known only once a file is open.
            Result<CachedAttributes> found = await fileSystem.GetAttributesAsync(context, inode, opened.Value.Handle).ConfigureAwait(false);
            if (!found.IsOk)
            {
                OnFailure(entry.Path, found.Errno);
                return false;
            }
            await WriteAsync(_headers.GetHeaders(entry with { Attributes = found.Value.Attributes })).ConfigureAwait(false);
            long size = (long)found.Value.Attributes.Size;
            long written = await CopyAsync(entry.Path, inode, opened.Value.Handle, size).ConfigureAwait(false);
            // What the header promised is there in any case, so that the entries behind it can be read.
            await WriteZerosAsync(size - written).ConfigureAwait(false);
            await WriteZerosAsync(-size & (TarHeaders.BlockLength - 1)).ConfigureAwait(false);
            ContentLength += size;
            return true;
        }
        finally
        {
            await fileSystem.ReleaseAsync(context, inode, opened.Value.Handle).ConfigureAwait(false);
        }
    }

    private async Task<long> CopyAsync(ReadOnlyMemory<byte> path, ulong inode, ulong handle, long size)
    {
        long written = 0;
        while (written < size)
        {
            _piece.Clear();
            Errno errno = await fileSystem.ReadAsync(context, inode, handle, written, _piece).ConfigureAwait(false);
            if (errno != Errno.None || _piece.Written == 0)
            {
                OnFailure(path, errno == Errno.None ? Errno.EIO : errno);
                break;
            }
            ReadOnlyMemory<byte> content = _piece.Content[..(int)Math.Min(_piece.Written, size - written)];
            await WriteAsync(content).ConfigureAwait(false);
            written += content.Length;
        }
        return written;
    }

    private async Task<List<(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value)>> GetExtendedAttributesAsync(byte[] path, ulong inode)
    {
        List<(ReadOnlyMemory<byte>, ReadOnlyMemory<byte>)> all = [];
        Result<ReadOnlyMemory<byte>> names = await fileSystem.ListExtendedAttributesAsync(context, inode).ConfigureAwait(false);
        if (!names.IsOk)
        {
            if (names.Errno is not (Errno.ENOSYS or Errno.EOPNOTSUPP))
            {
                OnFailure(path, names.Errno);
            }
            return all;
        }
        byte[] list = names.Value.ToArray();
        foreach (Range range in Split(list))
        {
            byte[] name = list[range];
            Result<ReadOnlyMemory<byte>> value = await fileSystem.GetExtendedAttributeAsync(context, inode, name).ConfigureAwait(false);
            if (value.IsOk)
            {
                all.Add((name, value.Value.ToArray()));
            }
            else if (value.Errno != Errno.ENODATA)
            {
                OnFailure(path, value.Errno);
            }
        }
        return all;
    }

    /// <summary>The names in a list, each of which ends with a NUL (listxattr(2)).</summary>
    private static List<Range> Split(byte[] list)
    {
        List<Range> ranges = [];
        int start = 0;
        for (int end; start < list.Length && (end = Array.IndexOf(list, (byte)0, start)) >= 0; start = end + 1)
        {
            ranges.Add(start..end);
        }
        return ranges;
    }

    private async Task WriteZerosAsync(long count)
    {
        for (; count > 0; count -= Math.Min(count, _zeros.Length))
        {
            await WriteAsync(_zeros.AsMemory(0, (int)Math.Min(count, _zeros.Length))).ConfigureAwait(false);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await output.WriteAsync(bytes).ConfigureAwait(false);
        _position += bytes.Length;
    }

    /// <summary>A directory that is being written.</summary>
    private sealed class Level(byte[] path) : DirectoryWriter
    {
        public byte[] Path { get; } = path;

        public List<(byte[] Name, Attributes Attributes)> Entries { get; } = [];

        public int Next { get; set; }

        public ulong Cookie { get; private set; }

        public override bool IncludesLookup => true;

        public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
        {
            Entries.Add((name.ToArray(), entry.Attributes));
            Cookie = nextCookie;
            return true;
        }
    }
}
