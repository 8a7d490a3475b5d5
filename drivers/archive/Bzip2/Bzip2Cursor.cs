using System.Runtime.InteropServices;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Bzip2;

/// <summary>
/// A position in blocks of bzip2. libbz2 does not tell where a block ends, but given no room for output it reads to there,
/// and takes no byte more: so the end lies within the last byte taken, and the next magic must stand there. Magics that stand
/// anywhere else are not looked for, so none deceives.
/// </summary>
internal sealed class Bzip2Cursor(ByteRange range, SeekPoint start, SeekPoints? points, bool countsCrc) : FrameCursor(range, start, points, countsCrc)
{
    private readonly Bzip2Decoder _decoder = new();
    // The input, shifted to where the decoder's first block begins.
    private readonly byte[] _shifted = GC.AllocateUninitializedArray<byte>(DecoderBuffers.Length, pinned: true);

    private int _level;
    private bool _isInStream;
    // Whether the stream is decoded from its first block on, so that its checksum can be compared.
    private bool _isWholeStream;
    private uint _checksum;
    // The next block or end mark, and the block that the decoder was started with.
    private long _nextBit;
    private long _firstBit;
    private long _takenBytes;
    private bool _mustStart;
    private bool _isBlockRead;
    private bool _hasOutput;

    /// <inheritdoc/>
    protected override void Resume(SeekPoint point)
    {
        _isInStream = point is Bzip2Point;
        _isWholeStream = false;
        _mustStart = true;
        if (point is Bzip2Point block)
        {
            _nextBit = block.Bit;
            _level = block.Level;
        }
    }

    /// <inheritdoc/>
    protected override bool TryBeginFrame()
    {
        if (!_isInStream)
        {
            return TryBeginStream();
        }
        Span<byte> bytes = stackalloc byte[(Bzip2Format.MarkBits / 8) + 1];
        int bit = (int)(_nextBit % 8);
        bytes = bytes[..((bit + Bzip2Format.MarkBits + 7) / 8)];
        if (!TryReadAt(_nextBit / 8, bytes))
        {
            return false;
        }
        ulong magic = Bzip2Format.ReadBits(bytes, bit, Bzip2Format.MagicBits);
        uint checksum = (uint)Bzip2Format.ReadBits(bytes, bit + Bzip2Format.MagicBits, Bzip2Format.MarkBits - Bzip2Format.MagicBits);
        return magic switch
        {
            Bzip2Format.BlockMagic => TryBeginBlock(checksum),
            Bzip2Format.EndMagic => TryEndStream(checksum),
            _ => Fail(StreamFailure.Damaged),
        };
    }

    /// <inheritdoc/>
    protected override DecodeStep Decode(int room, out int produced)
    {
        produced = 0;
        if (!_isBlockRead && !TryReadBlock())
        {
            return DecodeStep.Failed;
        }
        int result = _decoder.Run(Marshal.UnsafeAddrOfPinnedArrayElement(_shifted, 0), 0, Output, room, out _, out produced);
        if (result != Bzip2Library.Ok)
        {
            Fail(StreamFailure.Damaged);
            return DecodeStep.Failed;
        }
        _hasOutput |= produced > 0;
        if (produced == room)
        {
            return DecodeStep.More;
        }
        if (!_hasOutput)
        {
            // A block is never empty.
            Fail(StreamFailure.CutOff);
            return DecodeStep.Failed;
        }
        return DecodeStep.FrameEnd;
    }

    /// <inheritdoc/>
    protected override bool TryEndFrame()
    {
        long earliest = _firstBit + (8 * _takenBytes) - 7;
        Span<byte> bytes = stackalloc byte[(Bzip2Format.MagicBits / 8) + 2];
        int available = (int)Math.Min(bytes.Length, Range.End - (earliest / 8));
        if (!TryReadAt(earliest / 8, bytes[..available]))
        {
            return false;
        }
        for (long bit = earliest; bit < earliest + 8; bit++)
        {
            int offset = (int)(bit - (earliest / 8 * 8));
            if (offset + Bzip2Format.MagicBits > available * 8)
            {
                return Fail(StreamFailure.CutOff);
            }
            if (Bzip2Format.ReadBits(bytes, offset, Bzip2Format.MagicBits) is Bzip2Format.BlockMagic or Bzip2Format.EndMagic)
            {
                _nextBit = bit;
                return true;
            }
        }
        return Fail(StreamFailure.Damaged);
    }

    /// <inheritdoc/>
    protected override void DisposeDecoder() => _decoder.Dispose();

    private bool TryBeginStream()
    {
        if (!Input.TryFill(Bzip2Format.HeaderLength))
        {
            return Fail(StreamFailure.Unreadable);
        }
        if (!Bzip2Format.TryReadHeader(Input.Bytes, out _level))
        {
            // Behind a stream bzip2 ignores what is none; without one this is no bzip2.
            IsEnded = Input.Position > Range.Start;
            return IsEnded || Fail(StreamFailure.Damaged);
        }
        _nextBit = (Input.Position + Bzip2Format.HeaderLength) * 8;
        _isInStream = true;
        _isWholeStream = true;
        _checksum = 0;
        _mustStart = true;
        return true;
    }

    private bool TryBeginBlock(uint checksum)
    {
        if (WantsPoint)
        {
            AddPoint(new Bzip2Point(Position, _nextBit, _level));
        }
        if (_mustStart)
        {
            _mustStart = false;
            _decoder.Start(_level);
            _firstBit = _nextBit;
            _takenBytes = 0;
            Input.MoveTo(_nextBit / 8);
        }
        _checksum = uint.RotateLeft(_checksum, 1) ^ checksum;
        _isBlockRead = false;
        _hasOutput = false;
        IsInFrame = true;
        return true;
    }

    private bool TryEndStream(uint checksum)
    {
        if (_isWholeStream && checksum != _checksum)
        {
            return Fail(StreamFailure.Damaged);
        }
        Input.MoveTo((_nextBit + Bzip2Format.MarkBits + 7) / 8);
        _isInStream = false;
        return true;
    }

    /// <summary>Gives the decoder input until it takes no more.</summary>
    private bool TryReadBlock()
    {
        int shift = (int)(_firstBit % 8);
        while (true)
        {
            if (!Input.TryFill(shift == 0 ? 1 : 2))
            {
                return Fail(StreamFailure.Unreadable);
            }
            int count = Shift(shift);
            if (count == 0)
            {
                // It has ended: what the decoder makes of it is seen by its output.
                break;
            }
            int result = _decoder.Run(Marshal.UnsafeAddrOfPinnedArrayElement(_shifted, 0), count, Output, room: 0, out int taken, out _);
            if (result != Bzip2Library.Ok)
            {
                return Fail(StreamFailure.Damaged);
            }
            _takenBytes += taken;
            Input.Take(taken);
            if (taken < count)
            {
                break;
            }
        }
        _isBlockRead = true;
        return true;
    }

    /// <summary>Shifts what is at hand; a byte needs the next one, and the file's last one zeros.</summary>
    private int Shift(int shift)
    {
        ReadOnlySpan<byte> bytes = Input.Bytes;
        if (shift == 0)
        {
            bytes.CopyTo(_shifted);
            return bytes.Length;
        }
        int count = Input.Left > 0 ? bytes.Length - 1 : bytes.Length;
        for (int i = 0; i < count; i++)
        {
            int next = i + 1 < bytes.Length ? bytes[i + 1] : 0;
            _shifted[i] = (byte)((bytes[i] << shift) | (next >> (8 - shift)));
        }
        return count;
    }

    private bool TryReadAt(long position, Span<byte> bytes)
    {
        if (position + bytes.Length > Range.End)
        {
            return Fail(StreamFailure.CutOff);
        }
        return Range.File.TryRead(position, bytes) || Fail(StreamFailure.Unreadable);
    }
}
