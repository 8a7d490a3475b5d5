using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Compress;

/// <summary>
/// The LZW of compress(1): codes of 9 to 16 bits, the lowest bit first, in groups of eight of one width; where the width
/// changes, the rest of a group is not used.
/// </summary>
internal sealed class LzwDecoder
{
    private const int MinBits = 9;
    private const int MaxBits = 16;
    // With 9 at most, compress writes what neither it nor gzip can read.
    private const int LeastMaxBits = 10;
    private const byte BitsMask = 0x1F;
    private const byte ReservedMask = 0x60;
    private const byte HasClearCode = 0x80;
    private const int ClearCode = 256;

    private readonly ushort[] _prefixes = new ushort[1 << MaxBits];
    private readonly byte[] _suffixes = new byte[1 << MaxBits];
    // A code's string, the last byte first. A prefix is always a lower code, so none is longer.
    private readonly byte[] _string = new byte[(1 << MaxBits) + 1];
    private int _stringLength;

    private readonly byte[] _group = new byte[MaxBits + sizeof(uint)];
    private int _groupBits;
    private int _groupPosition;

    private int _maxBits;
    private bool _canClear;
    private int _bits;
    private int _next;
    private int _last;
    private byte _first;

    public LzwDecoder()
    {
        for (int i = 0; i < ClearCode; i++)
        {
            _suffixes[i] = (byte)i;
        }
    }

    /// <summary>Whether a header's flags are such as this decodes.</summary>
    public static bool IsSupported(byte flags) => (flags & ReservedMask) == 0 && (flags & BitsMask) is >= LeastMaxBits and <= MaxBits;

    /// <summary>Begins behind a header.</summary>
    public void Start(byte flags)
    {
        _maxBits = flags & BitsMask;
        _canClear = (flags & HasClearCode) != 0;
        _bits = MinBits;
        _next = _canClear ? ClearCode + 1 : ClearCode;
        _last = -1;
        _stringLength = 0;
        DropGroup();
    }

    /// <summary>Decodes until the output is full or the input ends.</summary>
    public StreamFailure Run(DecoderInput input, Span<byte> output, out int produced)
    {
        produced = 0;
        while (true)
        {
            while (_stringLength > 0)
            {
                if (produced == output.Length)
                {
                    return StreamFailure.None;
                }
                output[produced++] = _string[--_stringLength];
            }
            if (produced == output.Length)
            {
                return StreamFailure.None;
            }
            StreamFailure failure = ReadCode(input, out int code);
            if (failure != StreamFailure.None || code < 0)
            {
                return failure;
            }
            if (code == ClearCode && _canClear)
            {
                // What is made next takes the clear code's own place, which nobody can name.
                _next = ClearCode;
                _bits = MinBits;
                DropGroup();
            }
            else if (!TryTake(code))
            {
                return StreamFailure.Damaged;
            }
        }
    }

    /// <summary>Puts a code's string before the output, and learns the one before with this one's first byte.</summary>
    private bool TryTake(int code)
    {
        if (_last < 0)
        {
            _first = (byte)code;
            _last = code;
            _string[_stringLength++] = _first;
            return code < ClearCode;
        }
        int rest = code;
        if (code >= _next)
        {
            if (code > _next)
            {
                return false;
            }
            // The code that is made just now: the last string and its own first byte.
            _string[_stringLength++] = _first;
            rest = _last;
        }
        for (; rest >= ClearCode; rest = _prefixes[rest])
        {
            _string[_stringLength++] = _suffixes[rest];
        }
        _first = (byte)rest;
        _string[_stringLength++] = _first;
        if (_next < 1 << _maxBits)
        {
            _prefixes[_next] = (ushort)_last;
            _suffixes[_next] = _first;
            _next++;
        }
        _last = code;
        return true;
    }

    /// <summary>The next code; -1 at the end.</summary>
    private StreamFailure ReadCode(DecoderInput input, out int code)
    {
        code = -1;
        if (_next >= 1 << _bits && _bits < _maxBits)
        {
            _bits++;
            DropGroup();
        }
        if (_groupPosition + _bits > _groupBits)
        {
            if (!input.TryFill(_bits))
            {
                return StreamFailure.Unreadable;
            }
            int length = Math.Min(_bits, input.Count);
            input.Bytes[..length].CopyTo(_group);
            input.Take(length);
            _groupPosition = 0;
            _groupBits = length * 8;
            if (_groupBits < _bits)
            {
                return StreamFailure.None;
            }
        }
        uint window = BitConverter.ToUInt32(_group, _groupPosition / 8);
        code = (int)(window >> (_groupPosition % 8)) & ((1 << _bits) - 1);
        _groupPosition += _bits;
        return StreamFailure.None;
    }

    private void DropGroup()
    {
        _groupBits = 0;
        _groupPosition = 0;
    }
}
