using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Ppmd;

/// <summary>The range decoder of variant I: 32 bits, without carries (Subbotin).</summary>
internal struct RangeDecoder(DecoderInput input)
{
    private const uint Top = 1 << 24;
    private const uint Bottom = 1 << 15;

    private uint _low;
    private uint _range = uint.MaxValue;
    private uint _code;

    /// <summary>Why no further byte came.</summary>
    public StreamFailure Failure { get; private set; }

    /// <summary>Reads the first bytes; false if no stream begins so.</summary>
    public bool TryStart()
    {
        for (int i = 0; i < sizeof(uint); i++)
        {
            _code = (_code << 8) | Next();
        }
        return _code != uint.MaxValue;
    }

    /// <summary>Where in a whole of <paramref name="total"/> the code stands; beyond it if the data is damaged.</summary>
    public uint GetThreshold(uint total) => _code / (_range /= total);

    /// <summary>The same in a whole of a power of two.</summary>
    public uint GetBinaryThreshold(int bits) => _code / (_range >>= bits);

    /// <summary>Takes the part where the code stands.</summary>
    public void Take(uint start, uint size)
    {
        start *= _range;
        _low += start;
        _code -= start;
        _range *= size;
        // What cannot be, a range of 0, ends with the input.
        while (Failure == StreamFailure.None)
        {
            if ((_low ^ (_low + _range)) >= Top)
            {
                if (_range >= Bottom)
                {
                    return;
                }
                _range = (0 - _low) & (Bottom - 1);
            }
            _code = (_code << 8) | Next();
            _range <<= 8;
            _low <<= 8;
        }
    }

    private byte Next()
    {
        if (input.Count == 0)
        {
            if (!input.TryFill(1))
            {
                Failure = StreamFailure.Unreadable;
                return 0;
            }
            if (input.Count == 0)
            {
                Failure = StreamFailure.CutOff;
                return 0;
            }
        }
        byte value = input.Bytes[0];
        input.Take(1);
        return value;
    }
}
