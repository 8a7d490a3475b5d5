using System.Globalization;

namespace Kaleidofs.Tests.Vm.Archives;

/// <summary>Reads at random places of random files of a tree, the same for the same seed.</summary>
public static class RandomReads
{
    /// <summary>Offset, length and path, one after the other.</summary>
    public static string[] In(string tree, int seed, int count)
    {
        string[] files = [.. Directory.EnumerateFiles(tree, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(file => new FileInfo(file).Length > 0).Order(StringComparer.Ordinal)];
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).SelectMany(_ =>
        {
            string file = files[random.Next(files.Length)];
            long size = new FileInfo(file).Length;
            long offset = random.NextInt64(size);
            long length = 1 + random.NextInt64(Math.Min(size - offset, 200_000));
            return new[] { Text(offset), Text(length), "./" + Path.GetRelativePath(tree, file) };
        })];
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
