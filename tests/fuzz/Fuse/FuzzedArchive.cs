using System.IO.Compression;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Tests.Fuzz.Fuse;

/// <summary>A real archive's tree, with the names that requests ask for.</summary>
internal static class FuzzedArchive
{
    public static FileSystem Open()
    {
        using TemporaryFolder folder = new();
        string path = folder.At("a.zip");
        Write(path);
        DriverContext context = new() { Source = path, Scheme = "archive", Cache = new ContentCache(1 << 20), Files = new DiskReader(), Log = DriverLog.Silent, Options = new Dictionary<string, string> { ["index"] = "none" } };
        // It keeps the file open, and needs its name no more.
        return new ArchiveDriver().OpenAsync(context, CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    private static void Write(string path)
    {
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        byte[] content = new byte[200_000];
        new Xorshift(1).Fill(content.AsSpan(0, 100_000));
        foreach ((string name, CompressionLevel level) in ((string, CompressionLevel)[])[("file", CompressionLevel.Fastest), ("dir/file", CompressionLevel.NoCompression), ("dir/deep/er/x", CompressionLevel.Fastest)])
        {
            using Stream entry = zip.CreateEntry(name, level).Open();
            entry.Write(content);
        }
        for (int i = 0; i < 200; i++)
        {
            zip.CreateEntry($"dir/{i}", CompressionLevel.NoCompression).Open().Dispose();
        }
    }
}
