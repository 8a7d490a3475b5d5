using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Servers.Smb;

/// <summary>A guest whose host is started anew goes on with the inode numbers that it has.</summary>
public sealed class RestartTests
{
    [SkippableFact]
    public void Inode_numbers_outlive_a_host_that_is_killed_renamed_files_too()
    {
        using SambaServer samba = SambaShares.Start();
        using TemporaryFolder folder = new();
        string secret = folder.Write("password", SambaServer.Password + "\n");
        string[] options = ["-o", $"user={samba.User},password-file={secret},ttl=0,inodes={folder.At("inodes")}"];
        Directory.CreateDirectory(samba.At("d/e"));
        File.WriteAllText(samba.At("d/e/file"), "content of file");
        File.WriteAllText(samba.At("old"), "renamed");
        File.WriteAllText(samba.At("gone"), "x");
        ulong directory, file, renamed, made, gone;
        using (HostProcess host = HostProcess.Serve(samba.Source, options))
        {
            using ConnectedGuest guest = new(host.Place);
            directory = guest.Find(1, "d");
            file = guest.Find(guest.Find(directory, "e"), "file");
            renamed = guest.Find(1, "old");
            guest.Rename(1, "old", "new");
            File.WriteAllText(samba.At("old"), "another");
            Assert.Equal(renamed, guest.Find(1, "new"));
            made = guest.Find(1, "old");
            gone = guest.Find(1, "gone");
            host.Kill();
        }
        File.Delete(samba.At("gone"));
        using (HostProcess host = HostProcess.Serve(samba.Source, options))
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
}
