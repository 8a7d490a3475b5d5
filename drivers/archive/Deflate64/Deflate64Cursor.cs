using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Drivers.Archive.Deflate64;

/// <summary>A position in deflate64 data.</summary>
internal sealed class Deflate64Cursor(ByteRange range, SeekPoints? points) : StreamCursor
{
    /// <summary>Between two looks whether a seek point is due.</summary>
    private const int PieceLength = 16 << 10;

    private readonly Deflate64Decoder _decoder = new(range);
    private uint _crc;
    private bool _isWhole = true;
    private bool _isLost;

    /// <inheritdoc/>
    public override long InputPosition => _decoder.InputPosition;

    /// <inheritdoc/>
    public override uint? Crc => _isWhole ? _crc : null;

    /// <inheritdoc/>
    public override bool MoveTo(SeekPoint point)
    {
        Failure = StreamFailure.None;
        Position = point.Output;
        _isWhole = point.Output == 0;
        _crc = 0;
        _isLost = !_decoder.MoveTo((Deflate64Point)point);
        return !_isLost || Fail(_decoder.Failure);
    }

    /// <inheritdoc/>
    public override bool TryRead(Span<byte> destination, out int count)
    {
        count = 0;
        while (count < destination.Length && !_decoder.IsEnded && !_isLost)
        {
            Span<byte> piece = destination[count..Math.Min(destination.Length, count + PieceLength)];
            _isLost = !_decoder.TryRead(piece, out int produced);
            count += produced;
            Position += produced;
            if (_isWhole)
            {
                _crc = Crc32.Append(_crc, piece[..produced]);
            }
            if (points is not null && !_isLost && _decoder.IsBetweenSymbols && points.IsDue(Position))
            {
                points.Add(_decoder.MakePoint(Position));
            }
        }
        return !_isLost || Fail(_decoder.Failure);
    }

    /// <inheritdoc/>
    public override void Dispose() => _decoder.Dispose();
}
