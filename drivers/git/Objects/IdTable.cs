using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>The sorted names of an index file, with the table that says how many begin with each byte at most ("fanout").</summary>
/// <remarks>
/// Names are digests, evenly spread, so that a name's place is guessed: one read of a KiB finds it in an index of
/// millions. An index that is not sorted costs a search that fails, nothing more.
/// </remarks>
internal sealed class IdTable
{
    public const int FanoutLength = 256 * 4;

    /// <summary>Names that one read takes.</summary>
    private const int Window = 64;

    /// <summary>Guesses before the search only halves.</summary>
    private const int MaxGuesses = 3;

    private readonly CachedFile _file;
    private readonly long _idsPosition;
    private readonly int _idLength;
    private readonly uint[] _fanout = new uint[256];

    /// <param name="file">The index; its owner's.</param>
    /// <param name="fanoutPosition">Where the fanout is.</param>
    /// <param name="idsPosition">Where the names are.</param>
    /// <param name="idLength">A name's bytes.</param>
    /// <exception cref="DamageException">The fanout cannot be.</exception>
    public IdTable(CachedFile file, long fanoutPosition, long idsPosition, int idLength)
    {
        (_file, _idsPosition, _idLength) = (file, idsPosition, idLength);
        Span<byte> bytes = stackalloc byte[FanoutLength];
        file.ReadExactly(bytes, fanoutPosition);
        for (int i = 0; i < _fanout.Length; i++)
        {
            _fanout[i] = BinaryPrimitives.ReadUInt32BigEndian(bytes[(i * 4)..]);
            if (i > 0 && _fanout[i] < _fanout[i - 1])
            {
                throw new DamageException("its table of first bytes is not sorted");
            }
        }
    }

    public uint Count => _fanout[^1];

    /// <summary>The place of the first name that is not less than <paramref name="id"/>.</summary>
    public uint Find(in ObjectId id, out bool isEqual)
    {
        Span<byte> target = stackalloc byte[ObjectId.MaxLength];
        target = target[.._idLength];
        id.CopyTo(target);
        Span<byte> window = stackalloc byte[Window * ObjectId.MaxLength];
        uint low = target[0] == 0 ? 0 : _fanout[target[0] - 1];
        uint high = _fanout[target[0]];
        (ulong lowValue, ulong highValue) = (0, 1UL << 32);
        ulong value = GetValue(target);
        isEqual = false;
        for (int step = 0; low < high; step++)
        {
            ulong guess = step < MaxGuesses && highValue > lowValue
                ? low + ((high - low) * (Math.Clamp(value, lowValue, highValue) - lowValue) / (highValue - lowValue))
                : low + ((high - low) / 2);
            long latest = Math.Max(low, (long)high - Window);
            uint start = (uint)Math.Clamp((long)guess - (Window / 2), low, latest);
            int count = (int)Math.Min(Window, high - start);
            Span<byte> ids = window[..(count * _idLength)];
            _file.ReadExactly(ids, _idsPosition + ((long)start * _idLength));
            int at = FindWithin(ids, target, out isEqual);
            if (isEqual || (at > 0 && at < count))
            {
                return start + (uint)at;
            }
            if (at == 0)
            {
                (high, highValue) = (start, GetValue(ids));
            }
            else
            {
                (low, lowValue) = (start + (uint)count, GetValue(ids[^_idLength..]));
            }
        }
        return low;
    }

    /// <summary>The name at a place below <see cref="Count"/>.</summary>
    public ObjectId this[uint place]
    {
        get
        {
            Span<byte> bytes = stackalloc byte[ObjectId.MaxLength];
            bytes = bytes[.._idLength];
            _file.ReadExactly(bytes, _idsPosition + ((long)place * _idLength));
            return ObjectId.Read(bytes);
        }
    }

    /// <summary>The four bytes behind the first: among names that begin alike, what tells their places.</summary>
    private static ulong GetValue(ReadOnlySpan<byte> id) => BinaryPrimitives.ReadUInt32BigEndian(id[1..]);

    private int FindWithin(ReadOnlySpan<byte> ids, ReadOnlySpan<byte> target, out bool isEqual)
    {
        (int low, int high) = (0, ids.Length / _idLength);
        while (low < high)
        {
            int middle = (low + high) / 2;
            int order = ids.Slice(middle * _idLength, _idLength).SequenceCompareTo(target);
            if (order == 0)
            {
                isEqual = true;
                return middle;
            }
            (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
        }
        isEqual = false;
        return low;
    }
}
