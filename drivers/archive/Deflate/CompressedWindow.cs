using System.Buffers;
using System.IO.Compression;

namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>The window of a seek point, compressed as zlib does, with a checksum.</summary>
internal static class CompressedWindow
{
    /// <summary>Compresses a window.</summary>
    public static byte[] Make(ReadOnlySpan<byte> window)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(window.Length + 1024);
        try
        {
            // .NET's encoder takes a third of the time that zlib's takes.
            using MemoryStream compressed = new(buffer);
            using (ZLibStream encoder = new(compressed, CompressionLevel.Fastest, leaveOpen: true))
            {
                encoder.Write(window);
            }
            return buffer.AsSpan(0, (int)compressed.Position).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes the window; returns its length.</summary>
    /// <exception cref="InvalidOperationException">It is damaged.</exception>
    public static int Expand(ReadOnlySpan<byte> compressed, Span<byte> destination)
    {
        if (compressed.IsEmpty)
        {
            return 0;
        }
        nuint length = (nuint)destination.Length;
        int result = ZLib.Uncompress(destination, ref length, compressed, (nuint)compressed.Length);
        return result == ZLib.Ok ? (int)length : throw new InvalidOperationException($"zlib could not expand a window ({result})");
    }
}
