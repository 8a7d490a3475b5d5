using System.Text;
using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Sandbox;

/// <summary>The one process that may still mount, asked by one that a guest has taken over.</summary>
public sealed class MountBrokerTests
{
    [Theory]
    [InlineData("unmount\0" + "0")]
    [InlineData("detach\0" + "0")]
    [InlineData("unmount\0" + "1")]
    [InlineData("unmount\0" + "-1")]
    [InlineData("unmount\0/")]
    [InlineData("mount\0" + "0")]
    [InlineData("mount\0" + "1\0null:\0rw\0yes\0" + "4096")]
    [InlineData("mount\0" + "0\0null:\0rw\0yes\0many")]
    [InlineData("\0\0\0")]
    [InlineData("x")]
    public void What_it_was_not_told_at_its_start_it_does_not_do(string request)
    {
        (FileDescriptor client, FileDescriptor server) = Libc.CreateMessagePair();
        using (client)
        {
            Thread broker = Start(server, "/nonexistent");
            Assert.Equal(".not understood", Ask(client, request, out FileDescriptor? device));
            Assert.Null(device);
            client.Dispose();
            Assert.True(broker.Join(TimeSpan.FromSeconds(30)), "it does not end with its client");
        }
    }

    [Fact]
    public void What_cannot_be_mounted_is_said_in_a_line()
    {
        (FileDescriptor client, FileDescriptor server) = Libc.CreateMessagePair();
        using (client)
        {
            Start(server, "/nonexistent");
            Assert.Equal(".cannot mount on /nonexistent: no such directory; create it first", Ask(client, "mount\0" + "0\0null:\0rw\0\0" + "4096", out _));
        }
    }

    [SkippableFact]
    public void A_mount_of_another_program_stays_although_it_is_where_the_broker_may_mount()
    {
        using TemporaryFolder folder = new();
        Skip.If(Shell.Run("mount -t tmpfs none \"$1\"", folder.Path).Status != 0, "nothing can be mounted here");
        try
        {
            (FileDescriptor client, FileDescriptor server) = Libc.CreateMessagePair();
            using (client)
            {
                Start(server, folder.Path);
                Assert.Equal(".not understood", Ask(client, "detach\0" + "0", out _));
                Assert.NotNull(MountTable.Find(folder.Path));
            }
        }
        finally
        {
            Shell.Run("umount \"$1\"", folder.Path).Succeeded();
        }
    }

    private static Thread Start(FileDescriptor socket, params string[] mountpoints)
    {
        Thread thread = new(() =>
        {
            using (socket)
            {
                new MountBrokerServer(socket, mountpoints).Run();
            }
        })
        { IsBackground = true };
        thread.Start();
        return thread;
    }

    private static string Ask(FileDescriptor client, string request, out FileDescriptor? device)
    {
        Assert.True(DescriptorMessages.TrySend(client, Encoding.UTF8.GetBytes(request)));
        byte[] answer = new byte[1000];
        List<FileDescriptor> descriptors = [];
        int length = DescriptorMessages.Receive(client, answer, descriptors, flags: 0, out _);
        device = descriptors.FirstOrDefault();
        return Encoding.UTF8.GetString(answer, 0, length);
    }
}
