using System.Security.Cryptography;
using System.Text;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Git;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>A repository that the real git makes, and that knows nothing of the user's settings.</summary>
internal sealed class TestRepository : IDisposable
{
    /// <summary>A commit's time grows by a second with each, so that two never have the same name by chance.</summary>
    private const string Prelude = """
        set -euo pipefail
        PATH=${3:+$3:}$PATH
        export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent GIT_AUTHOR_NAME='A U Thor' GIT_AUTHOR_EMAIL=author@example.com
        export GIT_COMMITTER_NAME='C O Mitter' GIT_COMMITTER_EMAIL=committer@example.com GIT_ALLOW_PROTOCOL=file
        git config --file "$1/.gitconfig" protocol.file.allow always
        git config --file "$1/.gitconfig" gc.auto 0
        git config --file "$1/.gitconfig" init.defaultBranch main
        export GIT_CONFIG_GLOBAL="$1/.gitconfig"
        commit() {
          local time=$((1700000000 + $(git rev-list --all --count)))
          GIT_AUTHOR_DATE="$time +0100" GIT_COMMITTER_DATE="$time +0100" git commit -q --allow-empty "$@"
        }
        cd "$2"

        """;

    // One for all: each has threads of its own.
    private static readonly DiskReader Disk = new();

    private readonly TemporaryFolder _folder = new();

    private readonly string _git;

    /// <param name="script">Makes it.</param>
    /// <param name="name">Its directory.</param>
    /// <param name="git">The directory of another git than the one in the path.</param>
    public TestRepository(string script, string name = "repository", string git = "")
    {
        _git = git;
        Path = At(name);
        Directory.CreateDirectory(Path);
        Run(script);
    }

    /// <summary>The working tree.</summary>
    public string Path { get; }

    /// <summary>What a history of some kinds of files is made of: nested, of every mode, one that changes a little each time, one that is long.</summary>
    public static string History(int commits) => $$"""
        mkdir -p 'a directory/nested/deeper' bin
        printf 'Grüße\n' >'a directory/nested/Grüße.txt'
        : >'a directory/empty'
        printf '#!/bin/sh\n' >bin/run; chmod +x bin/run
        ln -s '../a directory/nested' bin/link
        printf 'x' >'a-b'; mkdir a; printf 'y' >a/b; printf 'z' >a.b
        seq 1 40000 >long.txt
        openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c 1500000 >random.bin || true
        head -c 700000 random.bin >changed.bin
        git add -A; commit -m 'First commit

        with a body'
        for i in $(seq 2 {{commits}}); do
          sed -i "$((i * 17))s/\$/ changed in $i/" long.txt
          printf "$i" | dd of=changed.bin bs=1 seek=$((i * 4096)) conv=notrunc status=none
          printf "$i" >"a directory/file $((i % 5))"
          git add -A; commit -m "Commit $i"
          [ $((i % 10)) != 0 ] || git tag -a -m "Tag $i" "v$i"
          [ $((i % 7)) != 0 ] || git branch "topic/$i"
        done

        """;

    public string At(string name) => System.IO.Path.Combine(_folder.Path, name);

    /// <summary>Runs a script in the repository.</summary>
    public string Run(string script) => Shell.Run(Prelude + script, _folder.Path, Path, _git).Succeeded().Text;

    public string[] RunLines(string script) => Run(script).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Opens it with the driver.</summary>
    /// <param name="rest">What stands behind the path: <c>@ref</c>.</param>
    /// <param name="name">Another directory than the working tree.</param>
    /// <param name="cacheBudget">Bytes of the content cache.</param>
    /// <param name="options">What stands behind <c>-o</c>: <c>key=value</c>.</param>
    public async Task<Browser> OpenAsync(string rest = "", string? name = null, long cacheBudget = ContentCache.DefaultBudget, params string[] options)
    {
        RecordingLog log = new();
        ContentCache cache = new(cacheBudget);
        DriverContext context = new() { Source = (name is null ? Path : At(name)) + rest, Scheme = "git", Cache = cache, Files = Disk, Log = log, Options = options.Select(option => option.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.ElementAtOrDefault(1) ?? "") };
        return new Browser(await new GitDriver().OpenAsync(context, CancellationToken.None), cache, ownsCache: true, log);
    }

    /// <summary>What git says of a commit: path, mode, size, object; directories too.</summary>
    public List<(string Path, uint Mode, ulong Size, string Id)> List(string revision)
    {
        List<(string, uint, ulong, string)> entries = [];
        string all = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(Run($"git ls-tree -r -t -l -z --full-tree '{revision}'")));
        foreach (string line in all.Split('\0', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] halves = line.Split('\t', 2);
            string[] fields = halves[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            uint mode = fields[0] switch { "040000" or "160000" => 0x41ed, "120000" => 0xa1ff, "100755" => 0x81ed, _ => 0x81a4 };
            entries.Add((halves[1], mode, fields[3] == "-" ? 0 : ulong.Parse(fields[3], System.Globalization.CultureInfo.InvariantCulture), fields[2]));
        }
        return [.. entries.OrderBy(entry => entry.Item1, StringComparer.Ordinal)];
    }

    /// <summary>Holds a tree against what git says of it: names, modes, sizes, objects, and each byte, as an object's name is a digest of its content.</summary>
    public async Task CheckAsync(Browser browser, string revision, ulong root = FileSystem.RootInode)
    {
        List<(string Path, Attributes Attributes)> seen = [.. (await browser.WalkAsync(root)).OrderBy(entry => entry.Path, StringComparer.Ordinal)];
        List<(string Path, uint Mode, ulong Size, string Id)> told = List(revision);
        Assert.Equal(told.Select(entry => (entry.Path, entry.Mode, entry.Size)), seen.Select(entry => (entry.Path, entry.Attributes.Mode, entry.Attributes.Size)));
        ulong time = ulong.Parse(Run($"git log -1 --format=%ct '{revision}'"), System.Globalization.CultureInfo.InvariantCulture);
        foreach (((string path, Attributes attributes), (_, _, _, string id)) in seen.Zip(told))
        {
            Assert.Equal((long)time, attributes.ModificationTime.Seconds);
            Assert.Equal(id, Encoding.ASCII.GetString((await browser.FileSystem.GetExtendedAttributeAsync(default, attributes.Inode, "user.git.oid"u8.ToArray())).Value.Span));
            if (!attributes.IsDirectory)
            {
                Assert.Equal((path, id), (path, await HashAsync(browser, attributes, id.Length)));
            }
        }
    }

    /// <summary>The name that git gives to a file's content.</summary>
    public static async Task<string> HashAsync(Browser browser, Attributes attributes, int digits)
    {
        byte[] content;
        if (attributes.IsSymbolicLink)
        {
            content = (await browser.FileSystem.ReadLinkAsync(default, attributes.Inode)).Value.ToArray();
        }
        else
        {
            // As the kernel reads: in pieces, the last of which reaches beyond the end.
            using MemoryStream whole = new();
            const int Piece = 256 << 10;
            for (long offset = 0; offset <= (long)attributes.Size; offset += Piece)
            {
                (Errno errno, byte[] part) = await browser.ReadAsync(attributes.Inode, offset, Piece);
                Assert.Equal(Errno.None, errno);
                whole.Write(part);
            }
            content = whole.ToArray();
        }
        byte[] framed = [.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content];
#pragma warning disable CA5350 // It is git's digest.
        return Convert.ToHexStringLower(digits == 40 ? SHA1.HashData(framed) : SHA256.HashData(framed));
#pragma warning restore CA5350
    }

    public void Dispose() => _folder.Dispose();
}
