namespace Kaleidofs.Tests.Servers.S3;

/// <summary>A bucket in a guest, which has nothing of it but a virtio-fs device.</summary>
[Collection(S3Collection.Name)]
public sealed class GuestTests(RadosGateway server)
{
    [SkippableFact]
    public async Task The_usual_tools_find_a_filesystem_and_what_they_leave_is_in_the_bucket()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("there/before", "an object");
        using TemporaryFolder folder = new();
        using HostProcess host = HostProcess.Serve($"s3://{bucket.Name}", "-o", $"endpoint={bucket.Endpoint}", "-o", $"staging={folder.At("staging")}", "--queues", "2");
        string[] sources = Directory.GetFiles(Repository.At("core/Caching"), "*.cs");
        using Guest guest = Guest.Boot(new GuestOptions
        {
            Cpus = 2,
            Shares = [new GuestShare("bucket", host.Place, Queues: 2)],
            Files = sources.ToDictionary(source => "tree/sub/" + Path.GetFileName(source)),
        });
        guest.Run("""
            set -e
            cd /mnt/bucket
            test "$(cat there/before)" = 'an object'
            cp -r /tree copy
            diff -r /tree copy
            tar c copy | tar x -C /tmp
            diff -r /tree /tmp/copy
            test "$(grep -r sealed copy | wc -l)" = "$(grep -r sealed /tree | wc -l)"
            for number in 1 2 3 4 5 6 7 8; do
              echo $number >save.new
              mv save.new save
              test "$(cat save)" = $number
            done
            cp save save~
            echo more >>save
            head -c 3000000 /dev/urandom >long
            dd if=/tree/sub/Block.cs of=long bs=1 seek=1000000 conv=notrunc 2>/dev/null
            dd if=long bs=1000 skip=1000 2>/dev/null | head -c "$(stat -c %s /tree/sub/Block.cs)" | cmp - /tree/sub/Block.cs
            ln -s save link
            chmod 640 save
            test "$(cat link | wc -l)" = 2
            rm -r copy
            mkdir empty
            sync
            sha256sum long >/tmp/sum
            echo 3 >/proc/sys/vm/drop_caches
            sha256sum -c /tmp/sum
            ls -R
            """).Succeeded();
        guest.PowerOff();
        Assert.Equal(0, host.Stop());
        Assert.Equal(["empty/", "link.rclonelink", "long", "save", "save~", "there/before"], await bucket.GetKeysAsync());
        Assert.Equal("8\nmore\n", await bucket.GetTextAsync("save"));
        Assert.Equal(3_000_000, (await bucket.GetAsync("long"))!.Length);
    }
}
