using System.IO.Compression;
using System.Text;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Session;

/// <summary>A small zip: /deflated and /stored of 1 MiB, /small, the link /link, and /directory with a hundred files.</summary>
internal static class SampleZip
{
    public const int Length = 1 << 20;

    public static string Write(TemporaryFolder folder)
    {
        string path = folder.At("sample.zip");
        byte[] content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, Length / 16).Select(line => $"{line,15}\n")));
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        Add(zip, "deflated", content, CompressionLevel.Optimal);
        Add(zip, "stored", content, CompressionLevel.NoCompression);
        Add(zip, "small", content.AsSpan(0, 4096), CompressionLevel.Optimal);
        const int symbolicLink = 0xA1FF;
        Add(zip, "link", "deflated"u8, CompressionLevel.NoCompression).ExternalAttributes = symbolicLink << 16;
        for (int i = 0; i < 100; i++)
        {
            Add(zip, $"directory/file{i:000}", "content"u8, CompressionLevel.NoCompression);
        }
        return path;
    }

    private static ZipArchiveEntry Add(ZipArchive zip, string name, ReadOnlySpan<byte> content, CompressionLevel level)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, level);
        using Stream stream = entry.Open();
        stream.Write(content);
        return entry;
    }
}
