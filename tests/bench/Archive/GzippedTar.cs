using System.Formats.Tar;
using System.IO.Compression;

namespace Kaleidofs.Tests.Bench.Archive;

/// <summary>Writes gzipped tars of files of a mebibyte that compress to about a half.</summary>
internal static class GzippedTar
{
    private const int FileLength = 1 << 20;

    public static void Write(string path, int files)
    {
        using FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        using GZipStream gzip = new(file, CompressionLevel.Fastest);
        using TarWriter tar = new(gzip, TarEntryFormat.Ustar);
        Random random = new(1);
        byte[] content = new byte[FileLength];
        for (int i = 0; i < files; i++)
        {
            random.NextBytes(content);
            // Four bits of each byte are left: that is what a Huffman code saves.
            for (int j = 0; j < content.Length; j++)
            {
                content[j] &= 0x0F;
            }
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"dir/file-{i:D6}") { DataStream = new MemoryStream(content) });
        }
    }
}
