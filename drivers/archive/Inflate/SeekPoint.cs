using System.Buffers;

namespace Kaleidofs.Drivers.Archive.Inflate;

/// <summary>A place where decoding can begin: the boundary of a deflate block with the window before it, or the beginning of a gzip member.</summary>
internal sealed class SeekPoint
{
    private readonly byte[] _window;

    private SeekPoint(long output, long input, int bits, byte[] window, bool isMember)
    {
        Output = output;
        Input = input;
        Bits = bits;
        _window = window;
        IsMember = isMember;
    }

    /// <summary>The position in what comes out.</summary>
    public long Output { get; }

    /// <summary>The first byte of input that the inflater has not seen.</summary>
    public long Input { get; }

    /// <summary>How many bits of the byte before <see cref="Input"/> still count.</summary>
    public int Bits { get; }

    /// <summary>Whether a member's header stands at <see cref="Input"/>; then there is no window.</summary>
    public bool IsMember { get; }

    /// <summary>The memory that it holds, nearly.</summary>
    public int Cost => _window.Length + 64;

    /// <summary>The beginning of a member, or of a bare stream.</summary>
    public static SeekPoint Start(long output, long input, bool isMember) => new(output, input, 0, [], isMember);

    /// <summary>A place within a stream; the window is kept compressed.</summary>
    public static SeekPoint Within(long output, long input, int bits, ReadOnlySpan<byte> window)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ZLib.WindowLength + 1024);
        try
        {
            nuint length = (nuint)buffer.Length;
            int result = ZLib.Compress(buffer, ref length, window, (nuint)window.Length, level: 1);
            return result == ZLib.Ok
                ? new SeekPoint(output, input, bits, buffer.AsSpan(0, (int)length).ToArray(), isMember: false)
                : throw new InvalidOperationException($"zlib could not compress a window ({result})");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The window's bytes; <paramref name="buffer"/> holds <see cref="ZLib.WindowLength"/>.</summary>
    public ReadOnlySpan<byte> GetWindow(Span<byte> buffer)
    {
        if (_window.Length == 0)
        {
            return [];
        }
        nuint length = (nuint)buffer.Length;
        int result = ZLib.Uncompress(buffer, ref length, _window, (nuint)_window.Length);
        return result == ZLib.Ok ? buffer[..(int)length] : throw new InvalidOperationException($"zlib could not expand a window ({result})");
    }
}
