using System.Buffers;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>
/// Notices local headers between the entries that the central directory names: who reads an archive from front to back sees
/// files there that nobody else does. Only gaps are looked at that are long enough for one.
/// </summary>
internal sealed class UnlistedEntries(ByteSource file)
{
    /// <summary>A header with a name of one byte.</summary>
    private const int ShortestEntry = ZipFormat.LocalHeaderLength + 1;

    /// <summary>So many local headers are read: extra fields that only they have make gaps look longer than they are.</summary>
    private const int MaxLooks = 10_000;

    private const int MaxScan = 64 << 10;

    private int _looks;
    private bool _isUnknown;
    private long _lastHeader = -1;
    private long _estimatedEnd;
    private long _compressedSize;

    /// <summary>How many gaps have such a header.</summary>
    public int Count { get; private set; }

    /// <summary>Looks before an entry, which the one noted last should end at, and notes it.</summary>
    public void Note(in CentralDirectoryRecord record, long header, long compressedSize)
    {
        if (header <= _lastHeader)
        {
            // Not in order, which no common tool writes, or two at one place: those cannot be read anyway.
            return;
        }
        Look(header);
        _isUnknown = false;
        _lastHeader = header;
        _compressedSize = compressedSize;
        _estimatedEnd = header + ZipFormat.LocalHeaderLength + record.Name.Length + record.Extra.Length + compressedSize;
    }

    /// <summary>There is an entry whose place is not known: it may be in the next gap.</summary>
    public void NoteUnknown() => _isUnknown = true;

    /// <summary>Looks before the central directory.</summary>
    public void NoteEnd(long position) => Look(position);

    private void Look(long next)
    {
        if (_isUnknown || next - _estimatedEnd < ShortestEntry || _looks == MaxLooks)
        {
            return;
        }
        _looks++;
        long end = 0;
        if (_lastHeader >= 0)
        {
            Span<byte> header = stackalloc byte[ZipFormat.LocalHeaderLength];
            if (!file.TryRead(_lastHeader, header))
            {
                return;
            }
            end = _lastHeader + new LocalHeader(header).Length + _compressedSize;
        }
        if (next - end < ShortestEntry)
        {
            return;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(MaxScan);
        Span<byte> gap = buffer.AsSpan(0, (int)Math.Min(next - end, MaxScan));
        // Something before the archive is anything at all: there only its very beginning counts.
        if (file.TryRead(end, gap) && (_lastHeader < 0 ? gap.StartsWith("PK\x03\x04"u8) : gap.IndexOf("PK\x03\x04"u8) >= 0))
        {
            Count++;
        }
        ArrayPool<byte>.Shared.Return(buffer);
    }
}
