using System.Buffers.Binary;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Smb;
using Kaleidofs.Drivers.Smb.Client.Wire;
using Kaleidofs.Host.Cli;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Unit.Smb;

/// <summary>The filesystem on a server whose answers are lost, or never end.</summary>
public sealed class HostileShareTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(0x0807060504030201, Errno.None)]
    [InlineData(0x0807060504030202, Errno.ENOENT)]
    [InlineData(0, Errno.None)]
    public async Task A_rename_whose_answer_was_lost_is_known_by_the_file_that_has_the_new_name(ulong number, Errno wanted)
    {
        using HostileServer server = new();
        bool isLost = false;
        bool isOver = false;
        server.Damage = (command, answer) =>
        {
            switch (command)
            {
                case Command.Create when isLost && !isOver:
                    // The old name is gone.
                    BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(8), (uint)NtStatus.ObjectNameNotFound);
                    break;
                case Command.SetInfo when !isLost:
                    isLost = true;
                    return null;
                case Command.SetInfo:
                    isOver = true;
                    break;
                case Command.QueryDirectory when answer.Length > 152:
                    BinaryPrimitives.WriteUInt64LittleEndian(answer.AsSpan(144), number);
                    break;
            }
            return MakeDirectory(command, answer);
        };
        await using SmbFileSystem share = await OpenAsync(server);
        Errno renamed = await share.RenameAsync(default, FileSystem.RootInode, "one"u8.ToArray(), FileSystem.RootInode, "new"u8.ToArray(), RenameOptions.None).AsTask().WaitAsync(Limit);
        Assert.True(isOver);
        Assert.Equal(wanted, renamed);
    }

    [Fact]
    public async Task A_listing_without_end_is_an_error()
    {
        using HostileServer server = new();
        int answers = 0;
        server.Damage = (command, answer) =>
        {
            if (command == Command.QueryDirectory)
            {
                int number = Interlocked.Increment(ref answers);
                byte[] name = System.Text.Encoding.Unicode.GetBytes([(char)('a' + (number % 26)), (char)('a' + (number / 26 % 26))]);
                byte[] entry = [.. new byte[60], 4, 0, 0, 0, .. new byte[16], .. name];
                byte[] endless = [.. answer[..64], 9, 0, 72, 0, (byte)entry.Length, 0, 0, 0, .. entry];
                endless.AsSpan(8, 4).Clear();
                return endless;
            }
            return MakeDirectory(command, answer);
        };
        await using SmbFileSystem share = await OpenAsync(server);
        share.MaxListed = 500;
        ulong handle = (await share.OpenDirectoryAsync(default, FileSystem.RootInode)).Value.Handle;
        EntryCollector all = new();
        Errno errno = Errno.None;
        for (int before = -1; errno == Errno.None && before < all.Entries.Count;)
        {
            before = all.Entries.Count;
            errno = await share.ListAsync(default, FileSystem.RootInode, handle, all.Cookie, all).AsTask().WaitAsync(Limit);
        }
        Assert.Equal(Errno.EIO, errno);
        Assert.InRange(answers, 500, 510);
    }

    private static byte[] MakeDirectory(Command command, byte[] answer)
    {
        if (command == Command.Create)
        {
            answer[64 + 56] = 0x10;
        }
        return answer;
    }

    private static async Task<SmbFileSystem> OpenAsync(HostileServer server)
    {
        DriverContext context = new()
        {
            Source = $"//127.0.0.1:{server.Port}/share",
            Scheme = "smb",
            Options = new Dictionary<string, string> { ["anonymous"] = "", ["notify"] = "off", ["inodes"] = "" },
            Cache = new ContentCache(),
            Files = new DiskReader(),
            Log = new RecordingLog(),
        };
        return (SmbFileSystem)await new SmbDriver().OpenAsync(context, CancellationToken.None);
    }
}
