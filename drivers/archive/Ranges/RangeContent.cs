using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Tar;

namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>An archive's bytes as they are once they are decoded: for readers of its headers and of archives within it, and for readers of its files.</summary>
internal sealed class RangeContent : IDisposable
{
    private readonly TarContent _content;
    private readonly CursorPool _cursors = new();

    private RangeContent(TarContent content)
    {
        _content = content;
        Bytes = content.OpenBytes(_cursors);
    }

    /// <summary>The bytes, for threads that may wait. They stay this object's.</summary>
    public ByteSource Bytes { get; }

    /// <summary>The bytes of a file that is the archive.</summary>
    public static RangeContent Of(ByteSource file) => new(new FileTarContent(file));

    /// <summary>The bytes of a file that has the archive in one compressed stream.</summary>
    public static RangeContent Of(ByteSource file, Codec codec, RangeStream stream, ulong source, OpeningContext context)
        => new(new DecodedTarContent(codec, ByteRange.Of(file), stream.Length, stream.Points, context.Cache, source, context.Log));

    /// <summary>Decodes such a stream once from first to last.</summary>
    /// <exception cref="SourceException">A checksum over all of it is wrong: it cannot be known what of it is right.</exception>
    public static RangeStream Measure(ByteSource file, Codec codec, OpeningContext context, BlockRecorder? recorder, long seekPointBudget)
    {
        ByteRange range = ByteRange.Of(file);
        SeekPoints points = codec.OpenPoints(range, seekPointBudget);
        using StreamCursor cursor = codec.Open(range, points);
        DecodedTarInput input = new(codec, range, cursor, context.Progress, recorder);
        input.Finish();
        if (input.HasWrongChecksum)
        {
            throw new SourceException($"{file.Path}: the checksum of its compressed data is wrong, so any of its files may be: refused; copy it again");
        }
        long length = Math.Min(input.Position, input.VerifiedEnd);
        if (input.Problem is not null)
        {
            context.Log.Warning($"{file.Path}: {input.Problem} behind byte {length} of its content: what stands there cannot be read");
        }
        return new RangeStream(length, points, input.MayPass);
    }

    /// <summary>Reads bytes that exist; the destination has room for them.</summary>
    public ValueTask<Errno> ReadAsync(RequestContext context, long position, int count, PayloadWriter destination)
        => _content.ReadAsync(context, position, count, destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        _content.Dispose();
        _cursors.Dispose();
    }
}
