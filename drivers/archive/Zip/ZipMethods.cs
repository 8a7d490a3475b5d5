using Kaleidofs.Drivers.Archive.Bzip2;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;
using Kaleidofs.Drivers.Archive.Deflate64;
using Kaleidofs.Drivers.Archive.Ppmd;
using Kaleidofs.Drivers.Archive.Xz;
using Kaleidofs.Drivers.Archive.Zstd;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>The compression methods (APPNOTE.TXT, 4.4.5) that entries are decoded by.</summary>
internal static class ZipMethods
{
    private const ushort Bzip2 = 12;
    private const ushort Lzma = 14;
    private const ushort Zstd = 93;
    private const ushort Xz = 95;
    private const ushort Ppmd = 98;

    /// <summary>The codec of a method; null if it is none that is known. What is stored needs none.</summary>
    /// <param name="method">The method.</param>
    /// <param name="length">How many bytes come out, which some methods' data does not tell.</param>
    public static Codec? Find(ushort method, long length) => method switch
    {
        ZipFormat.Deflated => DeflateCodec.Instance,
        ZipFormat.Deflated64 => Deflate64Codec.Instance,
        Bzip2 => Bzip2Codec.InZip,
        Lzma => new ZipLzmaCodec(length),
        Zstd => ZstdCodec.InZip,
        Xz => XzCodec.InZip,
        Ppmd => PpmdCodec.Instance,
        _ => null,
    };
}
