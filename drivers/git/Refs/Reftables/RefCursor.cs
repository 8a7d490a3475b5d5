using System.Text;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Refs.Reftables;

/// <summary>Goes through the records of a block of refs. Each name is told by what differs from the one before.</summary>
internal struct RefCursor(byte[] bytes, int start, int end, ObjectFormat format, ulong firstUpdate)
{
    private const int MaxName = 4096;

    private byte[]? _name;
    private int _nameLength;
    private int _at = start;

    public readonly ReadOnlySpan<byte> Name => _name.AsSpan(0, _nameLength);

    /// <summary>Where the part of the name begins that is its own.</summary>
    public int SuffixStart { get; private set; }

    /// <summary>Null if the ref is deleted.</summary>
    public RefValue? Value { get; private set; }

    /// <exception cref="DamageException">The record is none.</exception>
    public bool MoveNext()
    {
        if (_at >= end)
        {
            return false;
        }
        _name ??= new byte[MaxName];
        ulong prefix = ReadNumber();
        ulong suffix = ReadNumber();
        int kind = (int)(suffix & 7);
        suffix >>= 3;
        if (prefix > (ulong)_nameLength || suffix > (ulong)(end - _at) || prefix + suffix is 0 or > MaxName)
        {
            throw new DamageException("a ref's name is none");
        }
        ReadOnlySpan<byte> rest = bytes.AsSpan(_at, (int)suffix);
        // Without order names would not be found, or one would be there twice.
        if (_nameLength > 0 && _name.AsSpan((int)prefix, _nameLength - (int)prefix).SequenceCompareTo(rest) >= 0)
        {
            throw new DamageException("its refs are not sorted");
        }
        rest.CopyTo(_name.AsSpan((int)prefix));
        _nameLength = (int)(prefix + suffix);
        SuffixStart = _at;
        _at += (int)suffix;
        if (ReadNumber() > ulong.MaxValue - firstUpdate)
        {
            throw new DamageException("a ref's update is none");
        }
        Value = kind switch
        {
            0 => null,
            1 => new RefValue(ReadId()),
            2 => new RefValue(ReadId(), ReadId()),
            3 => new RefValue(default, Target: Encoding.UTF8.GetString(Take(ReadNumber()))),
            _ => throw new DamageException($"a ref's value is of kind {kind}, which is not known here"),
        };
        return true;
    }

    private ObjectId ReadId() => ObjectId.Read(Take((ulong)format.IdLength));

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(end - _at))
        {
            throw new DamageException("a ref reaches beyond its block");
        }
        _at += (int)length;
        return bytes.AsSpan(_at - (int)length, (int)length);
    }

    /// <summary>Seven bits a byte, the highest first; each byte that others follow counts one more (as offsets in packs do).</summary>
    private ulong ReadNumber()
    {
        ulong value = 0;
        for (int i = 0; _at < end && i < 9; i++)
        {
            byte next = bytes[_at++];
            value = (value << 7) | (uint)(next & 0x7f);
            if ((next & 0x80) == 0)
            {
                return value;
            }
            value++;
        }
        throw new DamageException("a number is none");
    }
}
