using System.Text;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>A repository whose objects are spread over 59 others, and a shallow clone of it, at a hundred of its commits.</summary>
public sealed class ManyAlternatesTests
{
    private const int Commits = 140;

    private const int Alternates = 59;

    private const string Unpack = """
        git init -q
        git fast-import --quiet <../stream
        git repack -qad; mv .git/objects/pack/*.pack ../all.pack; rm -f .git/objects/pack/*
        git unpack-objects -q <../all.pack

        """;

    /// <summary>The alternates are named by the repository itself, or by one that it names; every third has packs.</summary>
    private const string Name = """
        for i in $(seq 0 29); do printf '%s\n' "$PWD/../alternates/$i"; done >.git/objects/info/alternates
        mkdir ../alternates/7/info
        for i in $(seq 30 58); do printf '%s\n' "$PWD/../alternates/$i"; done >../alternates/7/info/alternates
        for i in $(seq 0 3 58); do
          cd ../alternates/$i
          printf '%s\n' ??/* | tr -d / | GIT_DIR="$2/.git" GIT_OBJECT_DIRECTORY=$PWD git pack-objects -q pack/pack >../../pack-name
          rm -r ??
          cd "$2"
        done
        git clone -q --depth=20 "file://$PWD" ../shallow

        """;

    [Fact]
    public async Task A_hundred_commits_are_byte_for_byte_what_git_cat_file_gives()
    {
        using TestRepository repository = new("true");
        await File.WriteAllTextAsync(repository.At("stream"), MakeStream(new Random(59)));
        repository.Run(Unpack);
        string[] loose = [.. Directory.GetFiles(repository.Path + "/.git/objects", "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file).Length == 38).Order(StringComparer.Ordinal)];
        for (int i = 0; i < loose.Length; i++)
        {
            string alternate = repository.At($"alternates/{i % Alternates}");
            Directory.CreateDirectory(alternate + "/pack");
            string target = Path.Combine(alternate, Path.GetFileName(Path.GetDirectoryName(loose[i])!), Path.GetFileName(loose[i]));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Move(loose[i], target);
        }
        repository.Run(Name);
        await CheckAsync(repository, "", 100);
        await CheckAsync(repository, "shallow", 20);
    }

    private static async Task CheckAsync(TestRepository repository, string name, int count)
    {
        string git = name.Length == 0 ? "git" : $"git -C ../{name}";
        Random random = new(7);
        string[] commits = [.. repository.RunLines($"{git} rev-list main").OrderBy(_ => random.Next()).Take(count)];
        Assert.Equal(count, commits.Length);
        Dictionary<string, byte[]> blobs = ReadBlobs(repository, git);
        await using Browser browser = await repository.OpenAsync("", name.Length == 0 ? null : name);
        string all = repository.Run($"for id in {string.Join(' ', commits)}; do echo \">$id\"; {git} ls-tree -r -l $id; done");
        int files = 0;
        foreach (string listing in all.Split('>', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = listing.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            List<(string Path, Attributes Attributes)> seen = await browser.WalkAsync(await browser.FindAsync("commits/" + lines[0]));
            seen.RemoveAll(entry => entry.Attributes.IsDirectory);
            Assert.Equal(lines.Skip(1).Select(line => line.Split('\t')[1]).Order(StringComparer.Ordinal), seen.Select(entry => entry.Path).Order(StringComparer.Ordinal));
            Dictionary<string, Attributes> byPath = seen.ToDictionary(entry => entry.Path, entry => entry.Attributes);
            foreach (string line in lines.Skip(1))
            {
                string[] fields = line.Split('\t')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                byte[] expected = blobs[fields[2]];
                Attributes attributes = byPath[line.Split('\t')[1]];
                Assert.Equal(expected.Length, (int)attributes.Size);
                (Errno errno, byte[] content) = await browser.ReadAsync(attributes.Inode, 0, expected.Length + 1);
                Assert.Equal(Errno.None, errno);
                Assert.True(expected.AsSpan().SequenceEqual(content), line);
                files++;
            }
        }
        Assert.True(files > count * 10, $"{files} files");
        Assert.Empty(browser.Log.Lines);
    }

    private static Dictionary<string, byte[]> ReadBlobs(TestRepository repository, string git)
    {
        byte[] all = Encoding.Latin1.GetBytes(repository.Run($"{git} rev-list --objects --all | cut -d' ' -f1 | {git} cat-file --batch"));
        Dictionary<string, byte[]> blobs = [];
        for (int at = 0; at < all.Length;)
        {
            int end = at + all.AsSpan(at).IndexOf((byte)'\n');
            string[] fields = Encoding.ASCII.GetString(all, at, end - at).Split(' ');
            int size = int.Parse(fields[2], System.Globalization.CultureInfo.InvariantCulture);
            if (fields[1] == "blob")
            {
                blobs[fields[0]] = all[(end + 1)..(end + 1 + size)];
            }
            at = end + size + 2;
        }
        return blobs;
    }

    /// <summary>Files of all bytes, each commit changing a few in several directories, so that packs have deltas.</summary>
    private static string MakeStream(Random random)
    {
        StringBuilder stream = new();
        Dictionary<string, string> files = [];
        for (int commit = 0; commit < Commits; commit++)
        {
            stream.Append("commit refs/heads/main\ncommitter A <a@example.com> ").Append(1700000000 + commit).Append(" +0000\ndata 1\nx\n");
            for (int change = commit == 0 ? 30 : random.Next(1, 4); change > 0; change--)
            {
                string path = $"d{random.Next(5)}/e{random.Next(3)}/f{(commit == 0 ? change : random.Next(30))}";
                string content = files.GetValueOrDefault(path) ?? string.Concat(Enumerable.Range(0, random.Next(50, 900)).Select(line => $"{line * 7919 % 1009} of {path}\n"));
                int at = random.Next(content.Length);
                files[path] = content = content[..at] + $"changed in {commit}\n" + content[Math.Min(content.Length, at + random.Next(30))..];
                stream.Append("M 100644 inline ").Append(path).Append("\ndata ").Append(content.Length).Append('\n').Append(content).Append('\n');
            }
        }
        return stream.ToString();
    }
}
