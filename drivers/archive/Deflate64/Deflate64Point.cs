using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Drivers.Archive.Deflate64;

/// <summary>A place between two symbols of deflate64 data, also within a block: the window before it, compressed, and the block's codes.</summary>
internal sealed class Deflate64Point : SeekPoint
{
    private readonly byte[] _window;

    private Deflate64Point(long output, long bitPosition, in Deflate64State state, byte[] window)
        : base(output, bitPosition / 8)
    {
        BitPosition = bitPosition;
        State = state;
        _window = window;
    }

    public long BitPosition { get; }

    public Deflate64State State { get; }

    public override int Cost => base.Cost + _window.Length + (State.LiteralLengths?.Length ?? 0) + (State.DistanceLengths?.Length ?? 0);

    public static Deflate64Point Start(ByteRange range) => new(0, range.Start * 8, Deflate64State.Start, []);

    public static Deflate64Point Within(long output, long bitPosition, in Deflate64State state, ReadOnlySpan<byte> window)
        => new(output, bitPosition, state, CompressedWindow.Make(window));

    /// <summary>Writes the window; returns its length.</summary>
    public int GetWindow(Span<byte> destination) => CompressedWindow.Expand(_window, destination);
}
