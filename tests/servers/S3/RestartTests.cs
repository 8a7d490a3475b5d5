using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>A guest whose host is started anew goes on with the inode numbers that it has.</summary>
[Collection(S3Collection.Name)]
public sealed class RestartTests(RadosGateway server)
{
    [SkippableFact]
    public async Task Inode_numbers_outlive_a_host_that_is_killed_renamed_files_too()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using TemporaryFolder folder = new();
        await bucket.PutAsync("d/e/file", "content of file");
        await bucket.PutAsync("old", "renamed");
        ulong directory, file, renamed, made, gone;
        using (HostProcess host = Serve(bucket, folder))
        {
            using ConnectedGuest guest = new(host.Place);
            directory = guest.Find(1, "d");
            file = guest.Find(guest.Find(directory, "e"), "file");
            renamed = guest.Find(1, "old");
            guest.Rename(1, "old", "new");
            // Another file has the old name.
            await bucket.PutAsync("old", "another");
            Assert.Equal(renamed, guest.Find(1, "new"));
            made = guest.Find(1, "old");
            await bucket.PutAsync("gone", "x");
            gone = guest.Find(1, "gone");
            host.Kill();
        }
        await bucket.DeleteAsync("gone");
        using (HostProcess host = Serve(bucket, folder))
        {
            using ConnectedGuest guest = new(host.Place);
            // By the numbers alone, as a guest that was not told of it.
            Assert.Equal("content of file", guest.Read(file));
            Assert.Equal("renamed", guest.Read(renamed));
            Assert.Equal("another", guest.Read(made));
            Assert.Equal(Errno.ESTALE, guest.Client.GetAttributes(gone).Errno);
            Assert.Equal(Errno.ESTALE, guest.Client.GetAttributes(12345).Errno);
            Assert.Equal(file, guest.Find(guest.Find(directory, "e"), "file"));
            Assert.Equal((renamed, made), (guest.Find(1, "new"), guest.Find(1, "old")));
        }
    }

    private static HostProcess Serve(TestBucket bucket, TemporaryFolder staging)
        => HostProcess.Serve(bucket.Source, "-o", $"endpoint={bucket.Endpoint},staging={staging.Path},ttl=0");
}
