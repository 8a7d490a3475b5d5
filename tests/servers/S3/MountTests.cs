using System.Diagnostics;
using System.Security.Cryptography;
using Amazon.S3.Model;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>The real program, confined as ever, with a bucket mounted on this machine.</summary>
[Collection(S3Collection.Name)]
public sealed class MountTests(RadosGateway server)
{
    [SkippableFact]
    public async Task The_usual_tools_find_a_filesystem()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using TemporaryFolder folder = new();
        using HostProcess host = Mount(bucket, folder);
        Shell.Run("""
            set -e
            cd "$1"
            cp -r "$2" copy
            diff -r "$2" copy
            tar cf - copy | tar xf - -C "$3"
            diff -r "$2" "$3/copy"
            test "$(grep -r 'sealed class' copy | wc -l)" = "$(grep -r 'sealed class' "$2" | wc -l)"
            mkdir new
            tar cf - copy | tar xf - -C new
            diff -r "$2" new/copy
            echo one >new/save~ && mv new/save~ new/save && echo two >>new/save
            test "$(cat new/save)" = "$(printf 'one\ntwo')"
            ln -s save new/link
            test "$(cat new/link)" = "$(cat new/save)"
            chmod 640 new/save
            touch -d @1234567890 new/save
            test "$(stat -c '%a %Y %F' new/save)" = '640 1234567890 regular file'
            truncate -s 100000 new/save
            test "$(stat -c %s new/save)" = 100000
            mv new/copy moved
            diff -r "$2" moved
            rm -r copy moved
            test "$(ls)" = new
            df . >/dev/null
            """, host.Place, Repository.At("core/Api"), folder.Path).Succeeded();
        Assert.Equal(["new/", "new/link.rclonelink", "new/save"], await bucket.GetKeysAsync());
        Assert.Equal(0, host.Stop());
        Assert.Contains("landlock", host.Log, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_clone_of_git_and_a_database_work_on_it()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        Skip.If(Shell.Run("command -v git sqlite3").Status != 0, "no git or no sqlite3");
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using TemporaryFolder folder = new();
        using HostProcess host = Mount(bucket, folder);
        Shell.Run("""
            set -e
            git init -q "$2/origin"
            cd "$2/origin"
            for number in $(seq 50); do echo $number >file$number; done
            git add .
            git -c user.name=x -c user.email=x commit -qm first
            git clone -q "file://$2/origin" "$1/clone"
            cd "$1/clone"
            git -c core.checkStat=minimal fsck
            test -z "$(git status --short)"
            echo changed >file7
            git -c user.name=x -c user.email=x commit -qam second
            test "$(git log --oneline | wc -l)" = 2
            for number in 1 2 3 4 5; do
              sqlite3 "$1/base" 'create table if not exists t(a); insert into t values(1),(2); pragma integrity_check;'
            done
            test "$(sqlite3 "$1/base" 'select sum(a) from t')" = 15
            """, host.Place, folder.Path).Succeeded();
    }

    [SkippableFact]
    public async Task Kills_leave_all_that_was_confirmed_no_half_files_and_no_uploads()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using TemporaryFolder folder = new();
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("KALEIDOFS_S3_KILLS"), out int chosen) ? chosen : 6;
        Random random = new(1);
        // When the process dies its mount goes, and what is written then must not be written to what was beneath.
        await bucket.PutAsync("work/", "");
        Dictionary<string, byte[]> confirmed = [];
        int interrupted = 0;
        for (int round = 0; round < rounds; round++)
        {
            (string Name, byte[] Content)? synced = null;
            using HostProcess host = Mount(bucket, folder);
            Task killing = Task.Run(async () =>
            {
                await Task.Delay(random.Next(100, 1500));
                using Process process = Process.GetProcessById(host.Id);
                process.Kill();
            });
            for (int number = 0; ; number++)
            {
                string name = $"work/{round}-{number}";
                byte[] content = new byte[number % 3 == 2 ? 20 << 20 : 5000];
                random.NextBytes(content);
                await File.WriteAllBytesAsync(folder.At("content"), content);
                // By dd, as .NET says of an fsync that was interrupted that it succeeded.
                CommandResult result = Shell.Run("""
                    cd "$1" && dd if="$2" of=work/new bs=1M conv=fsync status=none && echo synced && mv -T work/new "$3"
                    """, host.Place, folder.At("content"), name);
                if (result.Status != 0)
                {
                    interrupted++;
                    synced = result.Text.Contains("synced", StringComparison.Ordinal) ? (name, content) : null;
                    break;
                }
                confirmed[name] = content;
            }
            await killing;
            if (synced is { } last)
            {
                // Killed while it was renamed: it has its old name, its new one, or both.
                byte[]? old = await bucket.GetAsync("work/new");
                byte[] found = await bucket.GetAsync(last.Name) ?? old ?? [];
                Assert.True(found.AsSpan().SequenceEqual(last.Content), $"{last.Name}: {found.Length} bytes, not {last.Content.Length}; {string.Join(' ', await bucket.GetKeysAsync())}");
            }
        }
        Assert.Equal(rounds, interrupted);
        using (Mount(bucket, folder))
        {
            Assert.Empty((await bucket.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket.Name })).MultipartUploads ?? []);
        }
        foreach ((string name, byte[] content) in confirmed)
        {
            Assert.Equal(SHA256.HashData(content), SHA256.HashData(await bucket.GetAsync(name) ?? []));
        }
        Assert.True(confirmed.Count >= rounds);
    }

    private static HostProcess Mount(TestBucket bucket, TemporaryFolder staging)
        => HostProcess.Mount(bucket.Source, "-o", $"endpoint={bucket.Endpoint},staging={staging.Path}");
}
