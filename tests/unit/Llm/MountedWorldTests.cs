using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Models;
using Kaleidofs.Tests.Unit.Host;

namespace Kaleidofs.Tests.Unit.Llm;

/// <summary>Worlds as programs see them: the real host, the kernel, and the usual tools.</summary>
[Collection(ProgramCollection.Name)]
public sealed class MountedWorldTests : IDisposable
{
    private const string Source = "llm:a museum of 1987";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void Tools_agree_on_what_there_is_at_their_first_look()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using HostProcess host = HostProcess.Mount(Source, Options());
        // Each on files that nothing has read yet: a size that is not known must not look like one.
        Shell.Run("""
            set -eu
            cd "$1"
            tar cf "$2/a.tar" README.md $(ls -d */ | head -1)
            mkdir "$2/tar" && tar xf "$2/a.tar" -C "$2/tar"
            (cd "$2/tar" && find . -type f | sort | xargs -d '\n' sha256sum) >"$2/sums"
            sha256sum -c --quiet "$2/sums"
            ! find "$2/tar" -type f -empty | grep .
            second=$(ls -d */ | sed -n 2p)
            cp -r "$second" "$2/copied" && diff -r "$second" "$2/copied"
            for file in $(ls -p | grep -v /); do
              [ "$(wc -c <"$file")" = "$(cat "$file" | wc -c)" ]
              [ "$(stat -c %s "$file")" = "$(cat "$file" | wc -c)" ]
            done
            tar c . | sha256sum >"$2/first"
            tar c . | sha256sum | cmp - "$2/first"
            """, host.Place, _folder.Path).Succeeded();
        Assert.Contains("no network", host.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Rsync_agrees_at_its_first_look()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        Skip.If(Shell.Run("command -v rsync").Status != 0, "this machine has no rsync");
        using HostProcess host = HostProcess.Mount(Source, Options());
        Shell.Run("rsync -rc \"$1/\" \"$2/synced\" && rsync -rcni \"$1/\" \"$2/synced\" | { ! grep .; } && diff -r \"$1\" \"$2/synced\"", host.Place, _folder.Path).Succeeded();
    }

    [SkippableFact]
    public void Users_write_with_the_usual_tools()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using (HostProcess host = HostProcess.Mount(Source, Options()))
        {
            Shell.Run("""
                set -eu
                cd "$1"
                mkdir mine
                cp -a README.md mine/copy.md && cmp README.md mine/copy.md
                mv mine/copy.md mine/moved.md
                echo more >>README.md && [ "$(tail -n 1 README.md)" = more ]
                ln -s moved.md mine/link && cmp mine/link mine/moved.md
                sed -i 's/more/less/' README.md && [ "$(tail -n 1 README.md)" = less ]
                truncate -s 10 mine/moved.md && [ "$(wc -c <mine/moved.md)" = 10 ]
                rm -r "$(ls -d */ | grep -v mine | head -n 1)"
                chmod 600 README.md && touch -d 1990-01-01 README.md
                sync
                find . -type f | sort | xargs -d '\n' sha256sum >"$2/sums"
                find . -printf '%p %m %s %T@ %i\n' | sort >"$2/stats"
                """, host.Place, _folder.Path).Succeeded();
        }
        using HostProcess again = HostProcess.Mount(Source, Options());
        Shell.Run("""
            set -eu
            cd "$1"
            sha256sum -c --quiet "$2/sums"
            find . -printf '%p %m %s %T@ %i\n' | sort | diff "$2/stats" -
            """, again.Place, _folder.Path).Succeeded();
    }

    [SkippableFact]
    public void A_crawl_stops_at_the_budget_with_EDQUOT()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using HostProcess host = HostProcess.Mount(Source, Options("calls=5"));
        CommandResult found = Shell.Run("find \"$1\"; grep -r x \"$1\"", host.Place);
        Assert.Contains("quota exceeded", found.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("5 calls an hour", host.Log, StringComparison.Ordinal);
        Shell.Run("ls \"$1\" | grep README.md", host.Place).Succeeded();
    }

    [SkippableFact]
    public void What_was_read_is_the_same_after_kill_9_in_the_middle()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        Dictionary<string, string> seen = [];
        Random random = new(7);
        for (int life = 0; life < 6; life++)
        {
            using HostProcess host = HostProcess.Mount(Source, Options());
            int before = seen.Count;
            int id = host.Id;
            // Killed at any moment of a crawl: what its reader had seen until then has to stay.
            Shell.Run("(sleep \"$3\"; kill -9 \"$2\") & cd \"$1\" && find . -type f -exec sha256sum {} + 2>/dev/null >\"$4\"; wait; true",
                host.Place, id.ToString(System.Globalization.CultureInfo.InvariantCulture), $"0.{random.Next(5, 60):D2}", _folder.At("sums"));
            foreach (string line in File.ReadLines(_folder.At("sums")).Where(line => line.Length > 66))
            {
                Assert.Equal(seen.GetValueOrDefault(line[66..], line[..64]), line[..64]);
                seen[line[66..]] = line[..64];
            }
        }
        Assert.NotEmpty(seen);
        using HostProcess last = HostProcess.Mount(Source, Options());
        foreach ((string path, string sum) in seen)
        {
            Assert.Equal(sum, Shell.Run("cd \"$1\" && sha256sum \"$2\"", last.Place, path).Succeeded().Text[..64]);
        }
    }

    [SkippableFact]
    public void A_model_is_reached_from_the_confined_process_and_read_as_it_writes()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        TaskCompletionSource rest = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using LyingServer server = new(async request =>
        {
            if (request.IsListing)
            {
                await request.AnswerAsync("""{"summary": "", "entries": [{"name": "a.txt", "type": "file", "about": "", "modified": ""}]}""");
                return;
            }
            await request.BeginAsync();
            if (!request.Data.TryGetProperty("beginning", out _))
            {
                await request.SayAsync("first line\n");
                await rest.Task;
            }
            await request.SayAsync("second line\n");
            await request.FinishAsync();
        });
        using HostProcess host = HostProcess.Mount(Source, Options("endpoint=" + server.Endpoint));
        Assert.DoesNotContain("no network", host.Log, StringComparison.Ordinal);
        Assert.Equal("first line\n", Shell.Run("timeout 60 dd if=\"$1/a.txt\" bs=4096 count=1 status=none", host.Place).Succeeded().Text);
        rest.SetResult();
        Assert.Equal("first line\nsecond line\n", Shell.Run("timeout 60 cat \"$1/a.txt\"", host.Place).Succeeded().Text);
        Assert.Equal("23\n", Shell.Run("stat -c %s \"$1/a.txt\"", host.Place).Succeeded().Text);
    }

    private string[] Options(params string[] more) => ["-o", $"worlds={_folder.At("worlds")},depth=2", .. more.SelectMany(option => new[] { "-o", option })];
}
