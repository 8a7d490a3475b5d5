using System.Text.RegularExpressions;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Architecture;

/// <summary>Where code may do what, held against the sources themselves.</summary>
public sealed partial class SourceRulesTests
{
    private static readonly string[] Product = ["core", "host", "drivers"];
    private static readonly string[] RawMemory = ["host/Linux/", "host/Virtio/", "core/Protocol/", "core/Caching/"];

    [Fact]
    public void Unsafe_code_stands_only_in_the_layers_that_own_raw_memory()
        => Assert.Empty(Find(UnsafeCode(), path => !RawMemory.Any(allowed => path.StartsWith(allowed, StringComparison.Ordinal))));

    [Fact]
    public void Only_host_Linux_calls_the_C_library()
    {
        // A driver may bring a native library of its source's (zlib), and the cache its compressor; the system's is the host's business.
        Assert.Empty(Find(PlatformInvoke(), path => !path.StartsWith("host/Linux/", StringComparison.Ordinal)
            && !path.StartsWith("drivers/", StringComparison.Ordinal) && path != "core/Caching/Zstandard.cs"));
        Assert.Empty(Find(CLibrary(), path => !path.StartsWith("host/Linux/", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_rules_would_notice()
    {
        Assert.Matches(UnsafeCode(), "    private static unsafe void Copy()");
        Assert.Matches(PlatformInvoke(), "    [LibraryImport(\"libc\")]");
        Assert.Matches(CLibrary(), "    [LibraryImport(\"libc\")]");
        Assert.NotEmpty(Find(UnsafeCode(), path => path.StartsWith("host/Linux/", StringComparison.Ordinal)));
        Assert.NotEmpty(Find(PlatformInvoke(), path => path.StartsWith("host/Linux/", StringComparison.Ordinal)));
    }

    [Fact]
    public void Nothing_is_left_for_later()
        => Assert.Empty(Find(Unfinished(), _ => true));

    [SkippableFact]
    public void No_file_names_the_place_where_it_was_made()
    {
        string[] files = Shell.Run("git -C \"$1\" -c safe.directory='*' ls-files -z", Repository.Root).Text.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Skip.If(files.Length == 0, "not a git working tree");
        Skip.If(Repository.Root.Count(character => character == '/') < 2, "the working tree's path is too short to look for");
        Assert.DoesNotContain(files, file => File.Exists(Repository.At(file)) && File.ReadAllText(Repository.At(file)).Contains(Repository.Root, StringComparison.Ordinal));
    }

    [Fact]
    public void Core_references_nothing_but_the_framework_and_knows_no_socket()
    {
        string[] references = [.. typeof(FileSystem).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!)];
        Assert.All(references, reference => Assert.StartsWith("System.", reference));
        Assert.DoesNotContain(references, reference => reference.StartsWith("System.Net", StringComparison.Ordinal));
    }

    [Fact]
    public void Drivers_reference_the_contract_and_never_the_host()
    {
        foreach (Type driver in (Type[])[typeof(Drivers.Null.NullDriver), typeof(Drivers.Archive.ArchiveDriver), typeof(Drivers.Llm.LlmDriver)])
        {
            string[] references = [.. driver.Assembly.GetReferencedAssemblies().Select(reference => reference.Name!)];
            Assert.Contains("Kaleidofs.Core", references);
            Assert.DoesNotContain("kaleidofs", references);
        }
    }

    /// <summary>path:line of each line of the product's sources that matches, comments not looked at.</summary>
    private static List<string> Find(Regex pattern, Predicate<string> isLookedAt)
    {
        List<string> found = [];
        foreach (string file in Product.SelectMany(folder => Directory.EnumerateFiles(Repository.At(folder), "*.cs", SearchOption.AllDirectories)))
        {
            string path = Path.GetRelativePath(Repository.Root, file);
            if (path.Contains("/obj/", StringComparison.Ordinal) || path.Contains("/bin/", StringComparison.Ordinal) || !isLookedAt(path))
            {
                continue;
            }
            string[] lines = File.ReadAllLines(file);
            for (int i = 0; i < lines.Length; i++)
            {
                if (pattern.IsMatch(lines[i].Split("///")[0]))
                {
                    found.Add($"{path}:{i + 1}: {lines[i].Trim()}");
                }
            }
        }
        return found;
    }

    [GeneratedRegex(@"^(?!\s*//).*\bunsafe\b(?! code)")]
    private static partial Regex UnsafeCode();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\b")]
    private static partial Regex PlatformInvoke();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\(""libc(\.so\.6)?""")]
    private static partial Regex CLibrary();

    [GeneratedRegex(@"\b(TODO|FIXME|XXX|NotImplementedException)\b")]
    private static partial Regex Unfinished();
}
