using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>The codecs of files that are one compressed stream.</summary>
internal static class Codecs
{
    private static readonly Codec[] All = [GzipCodec.Instance];

    /// <summary>The codec of a file that begins so; null if it is none that is known.</summary>
    public static Codec? Recognize(ReadOnlySpan<byte> head)
    {
        foreach (Codec codec in All)
        {
            if (codec.Recognizes(head))
            {
                return codec;
            }
        }
        return null;
    }
}
