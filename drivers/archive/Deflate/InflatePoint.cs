using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>A place where inflating can begin: the boundary of a deflate block with the window before it, or the beginning of a gzip member.</summary>
internal sealed class InflatePoint : SeekPoint
{
    // In memory, or where an index file is mapped.
    private readonly ReadOnlyMemory<byte> _window;

    private InflatePoint(long output, long input, int bits, ReadOnlyMemory<byte> window, bool isMember)
        : base(output, input)
    {
        Bits = bits;
        _window = window;
        IsMember = isMember;
    }

    /// <summary>How many bits of the byte before <see cref="SeekPoint.Input"/> still count.</summary>
    public int Bits { get; }

    /// <summary>Whether a member's header stands at <see cref="SeekPoint.Input"/>; then there is no window.</summary>
    public bool IsMember { get; }

    /// <inheritdoc/>
    public override bool BeginsFrame => IsMember;

    public override int Cost => _window.Length + base.Cost;

    /// <summary>The beginning of a member, or of a bare stream.</summary>
    public static InflatePoint Start(long output, long input, bool isMember) => new(output, input, 0, default, isMember);

    /// <summary>Reads what <see cref="Save"/> wrote; null if it cannot be.</summary>
    public static InflatePoint? Load(long output, long input, IndexRecordReader record)
    {
        int bits = record.ReadInt32(0, 7);
        bool isMember = record.ReadInt32(0, 1) == 1;
        // A window that is none is told by zlib, which compares a checksum, when the point is used.
        ReadOnlyMemory<byte> window = record.ReadBytes();
        return record.IsGood ? new InflatePoint(output, input, bits, window, isMember) : null;
    }

    /// <inheritdoc/>
    public override void Save(IndexRecord record)
    {
        record.Write(Bits);
        record.Write(IsMember ? 1 : 0);
        record.Write(_window.Span);
    }

    /// <summary>A place within a stream; the window is kept compressed.</summary>
    public static InflatePoint Within(long output, long input, int bits, ReadOnlySpan<byte> window)
        => new(output, input, bits, CompressedWindow.Make(window), isMember: false);

    /// <summary>The window's bytes; <paramref name="buffer"/> holds <see cref="ZLib.WindowLength"/>.</summary>
    public ReadOnlySpan<byte> GetWindow(Span<byte> buffer) => buffer[..CompressedWindow.Expand(_window.Span, buffer)];
}
