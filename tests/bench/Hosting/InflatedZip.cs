using System.IO.Compression;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Hosting;

/// <summary>A zip with the files that workloads ask for, all of them deflated: a large one and many small.</summary>
internal static class InflatedZip
{
    public static string Write(TemporaryFolder folder, string name)
    {
        string path = folder.At(name);
        // Words in random order: deflate makes about a third of it, as of text.
        Random random = new(name.Length);
        byte[][] words = [.. Enumerable.Range(0, 4096).Select(_ => Enumerable.Range(0, random.Next(2, 10)).Select(_ => (byte)random.Next('a', 'z' + 1)).Append((byte)' ').ToArray())];
        using ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create);
        void Add(string entry, ulong size)
        {
            using Stream stream = zip.CreateEntry(entry, CompressionLevel.Fastest).Open();
            for (ulong left = size; left > 0;)
            {
                byte[] word = words[random.Next(words.Length)];
                int count = (int)Math.Min(left, (ulong)word.Length);
                stream.Write(word, 0, count);
                left -= (ulong)count;
            }
        }
        Add("data", Workload.DataSize);
        for (int i = 0; i < Workload.SmallFiles; i++)
        {
            Add("entries/" + Workload.SmallFile(i), Workload.SmallSize);
        }
        return path;
    }
}
