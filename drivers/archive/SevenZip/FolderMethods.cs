using Kaleidofs.Drivers.Archive.Bzip2;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;
using Kaleidofs.Drivers.Archive.Deflate64;
using Kaleidofs.Drivers.Archive.Xz;
using Kaleidofs.Drivers.Archive.Zstd;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>The methods (Methods.txt of the LZMA SDK) that folders are decoded by: one that decompresses, behind it the filters that liblzma knows, before it AES.</summary>
internal static class FolderMethods
{
    public const ulong Aes = 0x06F10701;

    private const ulong Copy = 0x00;
    private const ulong Lzma = 0x030101;
    private const ulong Lzma2 = 0x21;
    private const ulong Deflate = 0x040108;
    private const ulong Deflate64 = 0x040109;
    private const ulong Bzip2 = 0x040202;
    private const ulong Zstd = 0x04F71101;

    /// <summary>What decodes a folder, but for its encryption.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="codec">The codec; null if nothing is to be decoded.</param>
    /// <returns>Whether it is known.</returns>
    public static bool TryFind(PackedFolder folder, out Codec? codec)
    {
        codec = null;
        ReadOnlySpan<FolderCoder> coders = folder.IsChain ? folder.Coders : [];
        if (coders.Length > 1 && coders[^1].Method == Aes)
        {
            coders = coders[..^1];
        }
        if (coders.IsEmpty)
        {
            return false;
        }
        FolderCoder decoder = coders[^1];
        ulong raw = decoder.Method switch
        {
            Lzma => RawFilter.Lzma1,
            Lzma2 => RawFilter.Lzma2,
            _ => 0,
        };
        if (raw != 0)
        {
            codec = FindRaw(coders[..^1], new RawFilter(raw, decoder.Properties), folder.Length);
            return codec is not null;
        }
        codec = decoder.Method switch
        {
            Deflate => DeflateCodec.Instance,
            Deflate64 => Deflate64Codec.Instance,
            Bzip2 => Bzip2Codec.InZip,
            Zstd => ZstdCodec.InZip,
            _ => null,
        };
        return coders.Length == 1 && (codec is not null || decoder.Method == Copy);
    }

    private static RawLzmaCodec? FindRaw(ReadOnlySpan<FolderCoder> filters, RawFilter decoder, long length)
    {
        RawFilter[] chain = new RawFilter[filters.Length + 1];
        for (int i = 0; i < filters.Length; i++)
        {
            if (GetFilter(filters[i].Method) is not ulong id || filters[i].Length != length)
            {
                return null;
            }
            chain[i] = new RawFilter(id, filters[i].Properties);
        }
        chain[^1] = decoder;
        return chain.Length <= RawFilter.MaxCount ? new RawLzmaCodec(chain, length) : null;
    }

    /// <summary>liblzma's number (lzma/bcj.h, delta.h) of a filter. Newer ones of 7-Zip have the same, older ones numbers of their own.</summary>
    private static ulong? GetFilter(ulong method) => method switch
    {
        >= 0x03 and <= 0x0A => method,
        0x03030103 => 0x04,
        0x03030205 => 0x05,
        0x03030401 => 0x06,
        0x03030501 => 0x07,
        0x03030701 => 0x08,
        0x03030805 => 0x09,
        _ => null,
    };
}
