using Kaleidofs.Host.Linux;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>Where the socket is, and whose.</summary>
public sealed class ListenerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Place => _folder.At("s");

    [Fact]
    public void The_socket_is_its_owners_alone_and_goes_with_the_listener()
    {
        using (VhostUserListener listener = VhostUserListener.Bind(Place))
        {
            Assert.Equal("600", Permissions());
        }
        Assert.False(File.Exists(Place));
    }

    [Fact]
    public void A_group_may_be_let_in()
    {
        // One's own group can always be given.
        string group = File.ReadLines("/proc/self/status").First(line => line.StartsWith("Gid:", StringComparison.Ordinal)).Split('\t')[1];
        using VhostUserListener listener = VhostUserListener.Bind(Place, group);
        Assert.Equal("660", Permissions());
    }

    [Fact]
    public void A_group_that_does_not_exist_is_named()
        => Assert.Contains("no-such-group", Assert.Throws<IOException>(() => VhostUserListener.Bind(Place, "no-such-group")).Message, StringComparison.Ordinal);

    [Fact]
    public void What_a_dead_server_left_is_replaced()
    {
        using (FileDescriptor dead = Libc.CreateUnixSocket())
        {
            Assert.Equal(0, Libc.Bind(dead.Number, Libc.UnixAddress.Of(Place)));
        }
        Assert.True(File.Exists(Place));
        using VhostUserListener listener = VhostUserListener.Bind(Place);
        using FileDescriptor client = Libc.CreateUnixSocket();
        Assert.Equal(0, Libc.Connect(client.Number, Libc.UnixAddress.Of(Place)));
    }

    [Fact]
    public void A_living_server_is_left_alone()
    {
        using VhostUserListener first = VhostUserListener.Bind(Place);
        Assert.Contains("another server listens there", Assert.Throws<IOException>(() => VhostUserListener.Bind(Place)).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Place));
    }

    [Fact]
    public void A_file_that_is_no_socket_is_left_alone()
    {
        File.WriteAllText(Place, "precious");
        Assert.Contains("not a socket", Assert.Throws<IOException>(() => VhostUserListener.Bind(Place)).Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(Place));
    }

    [Fact]
    public void Anothers_socket_at_the_path_is_not_removed()
    {
        VhostUserListener first = VhostUserListener.Bind(Place);
        File.Delete(Place);
        using VhostUserListener second = VhostUserListener.Bind(Place);
        first.Dispose();
        Assert.True(File.Exists(Place));
    }

    [Fact]
    public void A_path_that_is_too_long_is_refused_in_words()
        => Assert.Contains("107", Assert.Throws<IOException>(() => VhostUserListener.Bind("/tmp/" + new string('x', 200))).Message, StringComparison.Ordinal);

    [Fact]
    public void An_inherited_descriptor_must_listen()
    {
        using FileDescriptor socket = Libc.CreateUnixSocket();
        Assert.Contains("not a listening socket", Assert.Throws<IOException>(() => VhostUserListener.Inherit(socket.Number)).Message, StringComparison.Ordinal);
    }

    private string Permissions() => Convert.ToString(Libc.Status(Place)!.Value.Mode & 0x1ff, 8);

    public void Dispose() => _folder.Dispose();
}
