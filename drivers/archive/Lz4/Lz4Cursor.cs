using System.Buffers.Binary;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Zstd;

namespace Kaleidofs.Drivers.Archive.Lz4;

/// <summary>A position in frames of lz4. The library is given a block at a time, so that it is known where each begins.</summary>
internal sealed class Lz4Cursor(ByteRange range, SeekPoint start, SeekPoints? points) : FrameCursor(range, start, points, countsCrc: false)
{
    private const uint StoredBlock = 0x80000000;

    private Lz4Context _context = Lz4Context.Create();
    private Lz4FrameHeader _header;
    // Whether the library was given a header of our own, which knows of no checksum.
    private bool _isWithin;
    // Where what the library may have ends: the header, or a block.
    private long _partEnd;
    private bool _isFlushed;

    /// <inheritdoc/>
    protected override void Resume(SeekPoint point)
    {
        // Not reset: liblz4 1.9 then goes on to expect the content length of the frame before.
        _context.Dispose();
        _context = Lz4Context.Create();
        _isWithin = false;
        if (point is Lz4Point block)
        {
            Span<byte> header = stackalloc byte[Lz4FrameHeader.ShortLength];
            block.Header.WriteForBlock(header);
            Input.Put(header, block.Input);
            Begin(block.Header, block.Input, isWithin: true);
        }
    }

    /// <inheritdoc/>
    protected override bool TryBeginFrame()
    {
        if (!Input.TryFill(ZstdFrame.SkippableHeaderLength))
        {
            return Fail(StreamFailure.Unreadable);
        }
        if (Input.IsAtEnd)
        {
            IsEnded = true;
            return true;
        }
        if (ZstdFrame.IsSkippable(Input.Bytes))
        {
            return TryPass(ZstdFrame.SkippableHeaderLength, ZstdFrame.GetSkippableLength);
        }
        if (!TryPeek(Lz4FrameHeader.FixedLength, out ReadOnlySpan<byte> head))
        {
            return false;
        }
        if (!Lz4FrameHeader.TryRead(head, out Lz4FrameHeader header))
        {
            // lz4 takes nothing else behind a frame, either.
            return Fail(StreamFailure.Damaged);
        }
        if (WantsPoint)
        {
            AddPoint(new SeekPoint(Position, Input.Position));
        }
        Begin(header, Input.Position + header.Length, isWithin: false);
        return true;
    }

    /// <inheritdoc/>
    protected override DecodeStep Decode(int room, out int produced)
    {
        produced = 0;
        while (true)
        {
            if (Input.Position == _partEnd && _isFlushed && !TryBeginBlock())
            {
                return DecodeStep.Failed;
            }
            int count = (int)Math.Min(Input.Count, _partEnd - Input.Position);
            nuint taken = (nuint)count;
            nuint made = (nuint)room;
            nuint result = Lz4Library.Decompress(_context, Output, ref made, Input.Bytes, ref taken, 0);
            Input.Take((int)taken);
            produced = (int)made;
            _isFlushed = produced < room;
            if (Lz4Library.IsError(result) != 0)
            {
                Fail(StreamFailure.Damaged);
                return DecodeStep.Failed;
            }
            if (result == 0)
            {
                return DecodeStep.FrameEnd;
            }
            if (produced > 0 || Input.Position != _partEnd)
            {
                return DecodeStep.More;
            }
        }
    }

    /// <inheritdoc/>
    protected override bool TryEndFrame()
    {
        Input.MoveTo(Input.Position + (_isWithin ? _header.ContentChecksumLength : 0));
        return true;
    }

    /// <inheritdoc/>
    protected override void DisposeDecoder() => _context.Dispose();

    private void Begin(Lz4FrameHeader header, long headerEnd, bool isWithin)
    {
        _header = header;
        _partEnd = headerEnd;
        _isWithin = isWithin;
        _isFlushed = false;
        IsInFrame = true;
    }

    private bool TryBeginBlock()
    {
        if (!TryPeek(sizeof(uint), out ReadOnlySpan<byte> bytes))
        {
            return false;
        }
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(bytes) & ~StoredBlock;
        bool isLast = BinaryPrimitives.ReadUInt32LittleEndian(bytes) == 0;
        if (!isLast && _header.HasIndependentBlocks && WantsPoint)
        {
            AddPoint(new Lz4Point(Position, Input.Position, _header));
        }
        int checksum = isLast ? (_isWithin ? 0 : _header.ContentChecksumLength) : _header.BlockChecksumLength;
        _partEnd = Input.Position + sizeof(uint) + length + checksum;
        return true;
    }
}
