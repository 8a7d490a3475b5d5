using Kaleidofs.Drivers.Archive.Tar;

namespace Kaleidofs.Drivers.Archive;

/// <summary>The volumes of one archive, read as if they were one file.</summary>
internal sealed class SplitFile : ByteSource
{
    private readonly IReadOnlyList<ArchiveFile> _files;
    private readonly long[] _starts;
    // Where each file's part of the archive begins in it.
    private readonly long[] _offsets;

    /// <summary>The volumes of a tar, without what each further one begins with so that it can be read by itself.</summary>
    /// <param name="path">What messages call it.</param>
    /// <param name="files">The volumes, which become its own.</param>
    /// <param name="begins">What each begins with.</param>
    public SplitFile(string path, IReadOnlyList<ArchiveFile> files, IReadOnlyList<VolumeStart> begins)
        : this(path, files, hasVolumeNumbers: false, [.. begins.Select(start => start.Length)])
        => Joins = [.. begins.Skip(1).Select((start, i) => (_starts[i + 1], start))];

    /// <param name="path">What messages call it.</param>
    /// <param name="files">The volumes, which become its own.</param>
    /// <param name="hasVolumeNumbers">Whether the archive itself counts its volumes; false for one that was cut in pieces afterwards.</param>
    public SplitFile(string path, IReadOnlyList<ArchiveFile> files, bool hasVolumeNumbers)
        : this(path, files, hasVolumeNumbers, new long[files.Count])
    {
    }

    private SplitFile(string path, IReadOnlyList<ArchiveFile> files, bool hasVolumeNumbers, long[] offsets)
    {
        _offsets = offsets;
        Path = path;
        _files = files;
        _starts = new long[files.Count];
        for (int i = 0; i < files.Count; i++)
        {
            _starts[i] = Length;
            Length += files[i].Length - offsets[i];
            Timestamp time = files[i].ModificationTime;
            ModificationTime = i == 0 || (time.Seconds, time.Nanoseconds).CompareTo((ModificationTime.Seconds, ModificationTime.Nanoseconds)) > 0 ? time : ModificationTime;
        }
        Volumes = hasVolumeNumbers ? _starts : base.Volumes;
    }

    public override string Path { get; }

    /// <summary>Where the volumes of a tar were joined, and what the further one said of that place.</summary>
    public IReadOnlyList<(long Position, VolumeStart Start)> Joins { get; } = [];

    /// <inheritdoc/>
    public override long Length { get; }

    /// <summary>The path of the last volume.</summary>
    public string LastPath => _files[^1].Path;

    /// <inheritdoc/>
    public override IReadOnlyList<long> Volumes { get; }

    /// <inheritdoc/>
    public override bool IsClosed => _files[0].IsClosed;

    /// <summary>Of the volume that was changed last.</summary>
    public override Timestamp ModificationTime { get; }

    /// <inheritdoc/>
    public override bool TryRead(long position, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            ArchiveFile file = Find(position, destination.Length, out long offset, out int count);
            if (!file.TryRead(offset, destination[..count]))
            {
                return false;
            }
            position += count;
            destination = destination[count..];
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool TryReadNow(long position, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            ArchiveFile file = Find(position, destination.Length, out long offset, out int count);
            if (!file.TryReadNow(offset, destination[..count]))
            {
                return false;
            }
            position += count;
            destination = destination[count..];
        }
        return true;
    }

    /// <inheritdoc/>
    public override Task<T> RunAsync<T>(Func<T> work) => _files[0].RunAsync(work);

    /// <inheritdoc/>
    public override ValueTask<Errno> ReadAsync(long position, int count, PayloadWriter destination)
    {
        ArchiveFile file = Find(position, count, out long offset, out int here);
        return here == count ? file.ReadAsync(offset, count, destination) : new(ReadAcrossAsync(position, count, destination));
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (ArchiveFile file in _files)
        {
            file.Dispose();
        }
    }

    private async Task<Errno> ReadAcrossAsync(long position, int count, PayloadWriter destination)
    {
        while (count > 0)
        {
            ArchiveFile file = Find(position, count, out long offset, out int here);
            Errno errno = await file.ReadAsync(offset, here, destination).ConfigureAwait(false);
            if (errno != Errno.None)
            {
                return errno;
            }
            position += here;
            count -= here;
        }
        return Errno.None;
    }

    /// <summary>The volume of a position, and how many bytes it has from there. What is behind the last one's end is the last one's to refuse.</summary>
    private ArchiveFile Find(long position, int wanted, out long offset, out int count)
    {
        int index = Array.BinarySearch(_starts, position);
        index = index < 0 ? ~index - 1 : index;
        // Of volumes without a byte, which begin at the same place, the last has it.
        while (index + 1 < _starts.Length && _starts[index + 1] == position)
        {
            index++;
        }
        offset = position - _starts[index] + _offsets[index];
        count = index + 1 == _starts.Length ? wanted : (int)Math.Min(wanted, _starts[index + 1] - position);
        return _files[index];
    }
}
