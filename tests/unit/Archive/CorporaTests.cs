using System.Diagnostics;
using System.Text;
using Kaleidofs.Tests.Support;
using Xunit.Abstractions;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>The archives that Go's and Python's libraries are tested with, good and bad ones: each opens or is refused in one line, and reads as the common tools read it.</summary>
public sealed class CorporaTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Read by the tool, refused here.</summary>
    private static readonly HashSet<string> Refused =
    [
        // A time that is no number: of malformed records nothing is believed.
        "pax-bad-mtime-file.tar:foo",
        // A NUL byte in its path: tar takes what is before it.
        "pax-nul-path.tar:" + string.Concat(Enumerable.Repeat("0123456789", 20)),
    ];

    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _different = [];

    public void Dispose()
    {
        // .NET does not delete names that are no UTF-8.
        Shell.Run("rm -rf \"$1\"", _directory["tree"]);
        _directory.Dispose();
    }

    [SkippableFact]
    public async Task Every_archive_opens_or_is_refused_in_one_line()
    {
        CommandResult made = Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/corpora.sh"));
        Skip.If(made.Status != 0, "the packages could not be had: " + made.Error.Trim());
        string folder = made.Text.Trim();
        int opened = 0;
        int compared = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(folder, path);
            var time = Stopwatch.StartNew();
            (bool isOpen, int files) = await CheckAsync(path, name);
            opened += isOpen ? 1 : 0;
            compared += files;
            Assert.True(time.Elapsed < TimeSpan.FromSeconds(10), $"{name} took {time.Elapsed}");
        }
        Assert.Empty(_different);
        output.WriteLine($"{opened} opened, {compared} files compared");
        Assert.InRange(opened, 60, int.MaxValue);
        Assert.InRange(compared, 60, int.MaxValue);
    }

    private async Task<(bool IsOpen, int Compared)> CheckAsync(string path, string name)
    {
        Browser browser;
        try
        {
            browser = await Browser.OpenAsync(path);
        }
        catch (SourceException exception)
        {
            output.WriteLine($"{name}: {exception.Message}");
            Assert.StartsWith(path, exception.Message);
            Assert.DoesNotContain('\n', exception.Message);
            return (false, 0);
        }
        await using (browser)
        {
            foreach ((string _, Attributes attributes) in (await browser.WalkAsync()).Where(entry => entry.Attributes.IsRegularFile))
            {
                // The beginning, and the end: some are 60 GB of holes.
                _ = await browser.ReadAsync(attributes.Inode, 0, 1 << 20);
                _ = await browser.ReadAsync(attributes.Inode, Math.Max(0, (long)attributes.Size - (1 << 20)), 1 << 20);
            }
            int compared = name.Contains("-big", StringComparison.Ordinal) ? 0 : await CompareAsync(browser, path, name);
            foreach (string line in browser.Log.Lines)
            {
                output.WriteLine($"{name}: {line}");
                Assert.DoesNotContain('\n', line);
            }
            return (true, compared);
        }
    }

    /// <summary>What unzip or tar extracts is there, with the same content.</summary>
    private async Task<int> CompareAsync(Browser browser, string path, string name)
    {
        string tree = _directory["tree"];
        bool isZip = name.EndsWith("zip", StringComparison.Ordinal);
        string extract = isZip ? "env LC_ALL=C.UTF-8 unzip -qq -o \"$2\"" : "tar -xf \"$2\" --no-same-owner --no-same-permissions";
        if (Shell.Run("rm -rf \"$1\" && mkdir \"$1\" && cd \"$1\" && timeout 10 " + extract, tree, path).Status != 0)
        {
            return 0;
        }
        int compared = 0;
        string[] names = Encoding.UTF8.GetString(Shell.Run("cd \"$1\" && find . -type f -size -16M -printf '%P\\0'", tree).Succeeded().Output).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        foreach (string relative in names)
        {
            // A name that is no UTF-8 is none here.
            if (relative.Contains('\uFFFD') || Refused.Contains($"{Path.GetFileName(path)}:{relative}"))
            {
                continue;
            }
            Attributes attributes = await browser.LookupAsync(relative);
            if (attributes.Inode == 0)
            {
                _different.Add($"{name}: {relative} is not shown");
                continue;
            }
            (Errno errno, byte[] content) = await browser.ReadAsync(attributes.Inode, 0, (int)attributes.Size + 1);
            if (errno != Errno.None || !content.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(tree, relative))))
            {
                _different.Add($"{name}: {relative}: {errno}");
                continue;
            }
            compared++;
        }
        return compared;
    }
}
