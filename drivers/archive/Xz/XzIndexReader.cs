using System.Buffers.Binary;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>Reads the index behind a stream's blocks (The .xz File Format, 4). It is believed in nothing: it must say what the blocks were.</summary>
internal ref struct XzIndexReader(DecoderInput input)
{
    private const int MaxNumberLength = 9;

    private readonly DecoderInput _input = input;
    private uint _crc;

    /// <summary>The sizes that it tells.</summary>
    public XzTally Tally;

    /// <summary>How many bytes it has.</summary>
    public long Length { get; private set; }

    /// <summary>Reads all of it.</summary>
    public StreamFailure Read()
    {
        StreamFailure failure = Read(out byte indicator);
        if (failure != StreamFailure.None || indicator != 0)
        {
            return failure != StreamFailure.None ? failure : StreamFailure.Damaged;
        }
        if ((failure = ReadNumber(out long count)) != StreamFailure.None)
        {
            return failure;
        }
        for (long i = 0; i < count; i++)
        {
            if ((failure = ReadNumber(out long encoded)) != StreamFailure.None || (failure = ReadNumber(out long decoded)) != StreamFailure.None)
            {
                return failure;
            }
            Tally.Add(encoded, decoded);
        }
        while (Length % sizeof(uint) != 0)
        {
            if ((failure = Read(out byte padding)) != StreamFailure.None || padding != 0)
            {
                return failure != StreamFailure.None ? failure : StreamFailure.Damaged;
            }
        }
        return ReadChecksum();
    }

    private StreamFailure ReadChecksum()
    {
        uint expected = _crc;
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        foreach (ref byte value in checksum)
        {
            StreamFailure failure = Read(out value);
            if (failure != StreamFailure.None)
            {
                return failure;
            }
        }
        return BinaryPrimitives.ReadUInt32LittleEndian(checksum) == expected ? StreamFailure.None : StreamFailure.Damaged;
    }

    private StreamFailure ReadNumber(out long number)
    {
        number = 0;
        for (int i = 0; i < MaxNumberLength; i++)
        {
            StreamFailure failure = Read(out byte value);
            if (failure != StreamFailure.None)
            {
                return failure;
            }
            number |= (long)(value & 0x7F) << (7 * i);
            if (value < 0x80)
            {
                return StreamFailure.None;
            }
        }
        return StreamFailure.Damaged;
    }

    private StreamFailure Read(out byte value)
    {
        value = 0;
        if (!_input.TryFill(1))
        {
            return StreamFailure.Unreadable;
        }
        if (_input.Count == 0)
        {
            return StreamFailure.CutOff;
        }
        value = _input.Bytes[0];
        _crc = Crc32.Append(_crc, _input.Bytes[..1]);
        _input.Take(1);
        Length++;
        return StreamFailure.None;
    }
}
