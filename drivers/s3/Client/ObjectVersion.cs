using System.Buffers;
using System.Buffers.Binary;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>What tells the bytes that a key has from others that it had or will have.</summary>
/// <remarks>There is one for each name that is known, so a tag that is an MD5, as most are, is kept as its sixteen bytes.</remarks>
internal readonly record struct ObjectVersion
{
    /// <summary>A time that was not told.</summary>
    public const long NotTold = -1;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    private readonly ulong _high;
    private readonly ulong _low;

    /// <summary>A tag that is no MD5; null for one that is, and for none.</summary>
    private readonly string? _text;

    /// <param name="etag">The entity tag, without quotes.</param>
    /// <param name="modified">When it was put.</param>
    public ObjectVersion(string etag, long modified)
    {
        Modified = modified;
        Span<byte> digest = stackalloc byte[16];
        if (etag.Length == 32 && !etag.AsSpan().ContainsAnyExcept(Digits))
        {
            Convert.FromHexString(etag, digest, out _, out _);
            _high = BinaryPrimitives.ReadUInt64BigEndian(digest);
            _low = BinaryPrimitives.ReadUInt64BigEndian(digest[8..]);
        }
        // Zeros stand for none.
        _text = (_high | _low) == 0 ? etag : null;
    }

    /// <summary>When it was put, in seconds since 1970: some answers tell no more. <see cref="NotTold"/> after a PUT, whose answer has no time.</summary>
    public long Modified { get; }

    /// <summary>Its number in a bucket that keeps versions; null for the newest.</summary>
    public string? Id { get; init; }

    /// <summary>The entity tag, without quotes. The default, of what is not there yet, has none.</summary>
    public string ETag => (_high | _low) == 0 ? _text! : $"{_high:x16}{_low:x16}";

    /// <summary>Whether it is the same version, as far as both tell.</summary>
    public bool IsSame(ObjectVersion other)
        => _high == other._high && _low == other._low && _text == other._text && (Modified == other.Modified || Modified == NotTold || other.Modified == NotTold);
}
