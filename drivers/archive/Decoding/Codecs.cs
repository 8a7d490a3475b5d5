using Kaleidofs.Drivers.Archive.Bzip2;
using Kaleidofs.Drivers.Archive.Compress;
using Kaleidofs.Drivers.Archive.Deflate;
using Kaleidofs.Drivers.Archive.Foreign;
using Kaleidofs.Drivers.Archive.Lz4;
using Kaleidofs.Drivers.Archive.Xz;
using Kaleidofs.Drivers.Archive.Zstd;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>The codecs of files that are one compressed stream.</summary>
internal static class Codecs
{
    // The one without a magic is the last.
    private static readonly Codec[] All =
    [
        GzipCodec.Instance,
        ZstdCodec.Instance,
        XzCodec.Instance,
        Bzip2Codec.Instance,
        Lz4Codec.Instance,
        LzipCodec.Instance,
        CompressCodec.Instance,
        .. LibarchiveCodec.All,
        LzmaCodec.Instance,
    ];

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
