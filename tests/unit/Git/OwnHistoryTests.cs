using Kaleidofs.Caching;
using Kaleidofs.Drivers.Git;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Archive;
using WorkingTree = Kaleidofs.Tests.Support.Repository;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>The repository that the tests were built in, which people work in: read only.</summary>
public sealed class OwnHistoryTests
{
    private const int Commits = 100;

    [SkippableFact]
    public async Task Each_byte_of_this_projects_own_history_is_what_git_has()
    {
        Skip.If(!Path.Exists(WorkingTree.At(".git")), "the working tree is no clone");
        string[] commits = Run("git -C \"$1\" rev-list --all").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string head = Run("git -C \"$1\" rev-parse HEAD").Trim();
        Random random = new(7);
        random.Shuffle(commits);
        using ContentCache cache = new();
        RecordingLog log = new();
        using Kaleidofs.Drivers.Git.Repository repository = Kaleidofs.Drivers.Git.Repository.Open(WorkingTree.Root, cache, new DamageLog(log));
        HashSet<string> seen = [];
        foreach (string commit in commits.Take(Commits).Prepend(head))
        {
            // Names, modes and sizes of all; content where no other commit had it.
            foreach (string line in Run($"git -C \"$1\" ls-tree -r -t -l -z --full-tree {commit}").Split('\0', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] fields = line[..line.IndexOf('\t', StringComparison.Ordinal)].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields[1] == "commit" || !seen.Add(fields[2]))
                {
                    continue;
                }
                Assert.True(ObjectId.TryParse(System.Text.Encoding.ASCII.GetBytes(fields[2]), repository.Format, out ObjectId id));
                ObjectKind kind = fields[1] == "tree" ? ObjectKind.Tree : ObjectKind.Blob;
                Result<ObjectBuffer> read = repository.Objects.Read(id, kind, int.MaxValue);
                Assert.Equal((fields[2], Errno.None), (fields[2], read.Errno));
                using ObjectBuffer content = read.Value;
                Assert.Equal(fields[2], Hash(content.Span, fields[1], fields[2].Length));
                Assert.True(kind == ObjectKind.Tree || repository.Objects.GetSize(id).Value == long.Parse(fields[3], System.Globalization.CultureInfo.InvariantCulture));
            }
        }
        Assert.NotEmpty(seen);
        Assert.Empty(log.Lines);
        await using Browser browser = await OpenAsync($"{WorkingTree.Root}@{head}");
        string[] paths = Run($"git -C \"$1\" ls-tree -r -t --name-only -z --full-tree {head}").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(paths.Order(StringComparer.Ordinal), (await browser.ListAllAsync()).Order(StringComparer.Ordinal));
    }

    private static async Task<Browser> OpenAsync(string source)
    {
        RecordingLog log = new();
        ContentCache cache = new();
        DriverContext context = new() { Source = source, Scheme = "git", Cache = cache, Files = new Kaleidofs.Host.Linux.DiskReader(), Log = log, Options = new Dictionary<string, string>() };
        return new Browser(await new GitDriver().OpenAsync(context, CancellationToken.None), cache, ownsCache: true, log);
    }

    private static string Run(string script) => Shell.Run(script, WorkingTree.Root).Succeeded().Text;

    private static string Hash(ReadOnlySpan<byte> content, string kind, int digits)
    {
        byte[] framed = [.. System.Text.Encoding.ASCII.GetBytes($"{kind} {content.Length}\0"), .. content];
#pragma warning disable CA5350 // It is git's digest.
        return Convert.ToHexStringLower(digits == 40 ? System.Security.Cryptography.SHA1.HashData(framed) : System.Security.Cryptography.SHA256.HashData(framed));
#pragma warning restore CA5350
    }
}
