using System.Buffers;
using Kaleidofs.Drivers.Archive.Zip;

namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>Compares files with the sums that the archive has of them, each once, before the first of its bytes is served. For all threads.</summary>
/// <param name="index">The sums.</param>
/// <param name="first">The archive's first entry.</param>
/// <param name="count">How many it has.</param>
/// <param name="verification">Which files are compared.</param>
internal sealed class RangeSums(RangeIndex index, int first, int count, StoredVerification verification)
{
    /// <summary>Files that are compared by default: a few milliseconds, once.</summary>
    private const long SmallLength = 16 << 20;

    private const int BufferLength = 64 << 10;

    private readonly EntryChecks _checks = new(first, count);

    /// <summary>Whether a file must be compared before it is served: what was found wrong, each time again, so that each reader is told.</summary>
    public bool NeedsCheck(int node, long size)
        => index.TryGetSum(node, out _) && !_checks.IsGood(node)
            && (verification == StoredVerification.All || (verification == StoredVerification.Small && size <= SmallLength));

    /// <summary>Whether a file was found not to be what its sum says.</summary>
    public bool IsWrong(int node) => _checks.IsDamaged(node);

    /// <summary>Adds up a file's bytes, waiting for them; whether they could be read and the sum is right.</summary>
    public bool Compare(ByteSource bytes, int node, long start, long size)
    {
        if (IsWrong(node))
        {
            return false;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        uint sum = 0;
        bool isRead = true;
        for (long offset = 0; isRead && offset < size; offset += BufferLength)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(BufferLength, size - offset));
            isRead = bytes.TryRead(start + offset, part);
            foreach (byte value in part)
            {
                sum += value;
            }
        }
        ArrayPool<byte>.Shared.Return(buffer);
        // What cannot be read now is not the file's fault: the next time may be better.
        if (!isRead)
        {
            return false;
        }
        bool isRight = index.TryGetSum(node, out uint told) && told == sum;
        if (isRight)
        {
            _checks.SetGood(node);
        }
        else
        {
            _checks.SetDamaged(node);
        }
        return isRight;
    }
}
