using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;
using Kaleidofs.Drivers.Archive.Deflate64;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>The compression methods (APPNOTE.TXT, 4.4.5) that entries are decoded by.</summary>
internal static class ZipMethods
{
    /// <summary>The codec of a method; null if it is none that is known. What is stored needs none.</summary>
    public static Codec? Find(ushort method) => method switch
    {
        ZipFormat.Deflated => DeflateCodec.Instance,
        ZipFormat.Deflated64 => Deflate64Codec.Instance,
        _ => null,
    };
}
