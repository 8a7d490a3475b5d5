using System.Diagnostics;
using System.Text;
using Kaleidofs.Protocol;
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
            directory = Find(guest, 1, "d");
            file = Find(guest, Find(guest, directory, "e"), "file");
            renamed = Find(guest, 1, "old");
            Assert.Equal(Errno.None, guest.Client.Call(Opcode.Rename, 1, [.. BitConverter.GetBytes(1UL), .. "old\0new\0"u8], 0).Errno);
            // Another file has the old name.
            await bucket.PutAsync("old", "another");
            Assert.Equal(renamed, Find(guest, 1, "new"));
            made = Find(guest, 1, "old");
            await bucket.PutAsync("gone", "x");
            gone = Find(guest, 1, "gone");
            using Process process = Process.GetProcessById(host.Id);
            process.Kill();
            await process.WaitForExitAsync();
        }
        await bucket.DeleteAsync("gone");
        using (HostProcess host = Serve(bucket, folder))
        {
            using ConnectedGuest guest = new(host.Place);
            // By the numbers alone, as a guest that was not told of it.
            Assert.Equal("content of file", Read(guest, file));
            Assert.Equal("renamed", Read(guest, renamed));
            Assert.Equal("another", Read(guest, made));
            Assert.Equal(Errno.ESTALE, guest.Client.GetAttributes(gone).Errno);
            Assert.Equal(Errno.ESTALE, guest.Client.GetAttributes(12345).Errno);
            Assert.Equal(file, Find(guest, Find(guest, directory, "e"), "file"));
            Assert.Equal((renamed, made), (Find(guest, 1, "new"), Find(guest, 1, "old")));
        }
    }

    private static HostProcess Serve(TestBucket bucket, TemporaryFolder staging)
        => HostProcess.Serve(bucket.Source, "-o", $"endpoint={bucket.Endpoint},staging={staging.Path},ttl=0");

    private static ulong Find(ConnectedGuest guest, ulong parent, string name)
    {
        (Errno errno, EntryOut entry) = guest.Client.Lookup(parent, name);
        Assert.Equal(Errno.None, errno);
        return entry.NodeId;
    }

    private static string Read(ConnectedGuest guest, ulong inode)
    {
        (Errno errno, AttrOut attributes) = guest.Client.GetAttributes(inode);
        Assert.Equal(Errno.None, errno);
        ulong handle = guest.Client.Open(inode);
        (errno, byte[] content) = guest.Client.Read(inode, handle, 0, (int)attributes.Attr.Size);
        Assert.Equal(Errno.None, errno);
        return Encoding.UTF8.GetString(content);
    }
}
