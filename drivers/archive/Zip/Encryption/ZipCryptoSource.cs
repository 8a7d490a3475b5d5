using System.Buffers;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Zip.Encryption;

/// <summary>
/// Traditional encryption. The keys at a place follow from all that is before it, so they are kept for every 64 KiB that was
/// passed (12 bytes each), and for where the last readers stopped: who reads on decrypts each byte once, who jumps back 64 KiB more.
/// </summary>
internal sealed class ZipCryptoSource : DecryptingSource
{
    /// <summary>The bytes before the content: random, but for the last, which is checked.</summary>
    public const int HeaderLength = 12;

    private const int Spacing = 64 << 10;

    /// <summary>Some 10 ms.</summary>
    private const long MaxTurn = 2 << 20;

    private readonly Lock _lock = new();
    // The keys at each multiple of the spacing, as far as anybody came.
    private readonly List<ZipCryptoKeys> _checkpoints = [];
    private readonly (long Position, ZipCryptoKeys Keys)[] _ends = new (long, ZipCryptoKeys)[8];
    private int _nextEnd;

    /// <param name="archive">The archive.</param>
    /// <param name="start">Where the content begins, behind the header.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="keys">The keys there.</param>
    public ZipCryptoSource(ByteSource archive, long start, long length, in ZipCryptoKeys keys)
        : base(archive, start, length)
    {
        _checkpoints.Add(keys);
    }

    /// <inheritdoc/>
    public override bool MayHaveWrongPassword => true;

    /// <inheritdoc/>
    public override bool TryRead(long position, Span<byte> destination)
    {
        if (position < 0 || position > Length - destination.Length || !TryMove(position, long.MaxValue, out ZipCryptoKeys keys))
        {
            return false;
        }
        while (!destination.IsEmpty)
        {
            Span<byte> piece = destination[..(int)Math.Min(destination.Length, Spacing - (position % Spacing))];
            if (!Archive.TryRead(Start + position, piece))
            {
                return false;
            }
            keys.Decrypt(piece);
            position += piece.Length;
            destination = destination[piece.Length..];
            Note(position, keys);
        }
        NoteEnd(position, keys);
        return true;
    }

    /// <inheritdoc/>
    public override bool TryApproach(long position)
    {
        long at = Find(position, out _);
        // What cannot be read is reported by who reads it.
        return position - at <= MaxTurn || !TryMove(at + MaxTurn, MaxTurn, out _);
    }

    /// <summary>The keys at a position.</summary>
    private bool TryMove(long position, long maxDistance, out ZipCryptoKeys keys)
    {
        long at = Find(position, out keys);
        if (at == position || position - at > maxDistance)
        {
            return at == position;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Spacing);
        try
        {
            while (at < position)
            {
                Span<byte> piece = buffer.AsSpan(0, (int)Math.Min(position - at, Spacing - (at % Spacing)));
                if (!Archive.TryRead(Start + at, piece))
                {
                    return false;
                }
                keys.Decrypt(piece);
                at += piece.Length;
                Note(at, keys);
            }
            return true;
        }
        finally
        {
            // Plain bytes of somebody's secret.
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>The last place before or at a position whose keys are known.</summary>
    private long Find(long position, out ZipCryptoKeys keys)
    {
        lock (_lock)
        {
            int index = (int)Math.Min(position / Spacing, _checkpoints.Count - 1);
            long best = (long)index * Spacing;
            keys = _checkpoints[index];
            foreach ((long end, ZipCryptoKeys endKeys) in _ends)
            {
                if (end > best && end <= position)
                {
                    best = end;
                    keys = endKeys;
                }
            }
            return best;
        }
    }

    private void Note(long position, in ZipCryptoKeys keys)
    {
        if (position % Spacing != 0)
        {
            return;
        }
        lock (_lock)
        {
            if (position / Spacing == _checkpoints.Count)
            {
                _checkpoints.Add(keys);
            }
        }
    }

    private void NoteEnd(long position, in ZipCryptoKeys keys)
    {
        lock (_lock)
        {
            _ends[_nextEnd] = (position, keys);
            _nextEnd = (_nextEnd + 1) % _ends.Length;
        }
    }
}
