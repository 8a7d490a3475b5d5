using System.Buffers.Binary;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Xz;

/// <summary>A position in one LZMA stream: a .lzma, or an entry of a zip.</summary>
/// <param name="range">The data.</param>
/// <param name="start">Its beginning.</param>
/// <param name="length">
/// How many bytes come out of a zip's entry, whose header is a zip's own (APPNOTE.TXT, 5.8.8): -1 if a marker ends it. Null for a .lzma, whose
/// header tells.
/// </param>
/// <param name="countsCrc">Whether somebody wants to know the CRC-32.</param>
internal sealed class LzmaCursor(ByteRange range, SeekPoint start, long? length, bool countsCrc) : LzmaFrameCursor(range, start, points: null, countsCrc)
{
    private const int ZipHeaderLength = 9;
    private const int PropertiesLength = 5;

    /// <inheritdoc/>
    protected override void Resume(SeekPoint point)
    {
    }

    /// <inheritdoc/>
    protected override bool TryBeginFrame() => length is long known && !TryReplaceHeader(known) ? false : TryBegin(Decoder.StartAlone());

    /// <inheritdoc/>
    protected override bool TryEndFrame()
    {
        IsEnded = true;
        // As xz, which takes nothing behind a .lzma.
        return Input.IsAtEnd || Fail(StreamFailure.Damaged);
    }

    /// <summary>A zip's header has the version, the length of the properties, and the properties; .lzma's has these and the size.</summary>
    private bool TryReplaceHeader(long known)
    {
        if (!TryPeek(ZipHeaderLength, out ReadOnlySpan<byte> header))
        {
            return false;
        }
        if (BinaryPrimitives.ReadUInt16LittleEndian(header[2..]) != PropertiesLength)
        {
            return Fail(StreamFailure.Damaged);
        }
        Span<byte> alone = stackalloc byte[LzmaCodec.HeaderLength];
        header[^PropertiesLength..].CopyTo(alone);
        BinaryPrimitives.WriteInt64LittleEndian(alone[PropertiesLength..], known);
        Input.Put(alone, Range.Start + ZipHeaderLength);
        return true;
    }
}
