using Kaleidofs.Host.Linux;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary><c>kaleidofs serve</c> as management programs and their users call it.</summary>
[Collection(ProgramCollection.Name)]
public sealed class ServeTests
{
    [Fact]
    public void A_listening_socket_is_inherited_by_its_number()
    {
        using TemporaryFolder folder = new();
        string place = folder.At("inherited");
        using FileDescriptor socket = Libc.CreateUnixSocket();
        Assert.Equal(0, Libc.Bind(socket.Number, Libc.UnixAddress.Of(place)));
        Assert.Equal(0, Libc.Listen(socket.Number, 1));
        Libc.SetInherited(socket, true);
        using HostProcess host = HostProcess.Inherit("null:", socket.Number);
        Libc.SetInherited(socket, false);
        using (ConnectedGuest guest = new(place))
        {
            Assert.Equal(Errno.None, guest.Client.Read(2, 0, 0, 4096).Errno);
        }
        Assert.Equal(0, host.Stop());
        Assert.True(File.Exists(place), "the socket is whose who made it");
    }

    [Theory]
    [InlineData("7777", "--fd 7777")]
    [InlineData("0", "--fd 0")]
    public void A_descriptor_that_is_no_listening_socket_is_one_clear_line(string descriptor, string named)
    {
        CommandResult result = BuiltProgram.Run("serve", "null:", "--fd", descriptor);
        Assert.Equal(1, result.Status);
        Assert.Contains(named, result.Error);
        Assert.Single(result.Error.TrimEnd().Split('\n'), line => line.StartsWith("kaleidofs: ", StringComparison.Ordinal));
    }

    [Fact]
    public void The_group_that_is_named_may_connect()
    {
        // One's own group can always be given.
        string group = Shell.Run("id -gn").Succeeded().Text.Trim();
        using HostProcess host = HostProcess.Serve("null:", "--socket-group", group);
        Assert.Equal($"{group} 660\n", Shell.Run("stat -c '%G %a' \"$1\"", host.Place).Succeeded().Text);
    }

    [Fact]
    public void A_machine_with_more_queues_than_are_served_is_told_what_to_change()
    {
        using HostProcess host = HostProcess.Serve("null:", "--queues", "2");
        using (FrontEnd machine = FrontEnd.Connect(host.Place))
        {
            machine.Send(VhostUserRequest.SetVringNum, 3ul);
            Deadline deadline = Deadline.After(TimeSpan.FromSeconds(10));
            while (!host.Log.Contains("(--queues)", StringComparison.Ordinal) && !deadline.HasPassed)
            {
                Thread.Sleep(20);
            }
        }
        Assert.Contains("give the device at most 2 request queues (num-request-queues), or serve with more (--queues)", host.Log);
        using ConnectedGuest next = new(host.Place, queues: 2);
        Assert.Equal(Errno.None, next.Client.Read(2, 0, 0, 4096).Errno);
    }

    [Theory]
    [InlineData("auto", "sandbox  no-new-privs")]
    [InlineData("none", "sandbox  off (--sandbox=none)")]
    public void Status_says_how_far_the_process_is_confined(string mode, string state)
    {
        using HostProcess host = HostProcess.Serve("null:", "--sandbox", mode);
        string text = BuiltProgram.Run("status", "--pid", $"{host.Id}").Succeeded().Text;
        Assert.Contains(state, text);
        Assert.Equal(mode == "auto", Shell.Run("grep -q 'Seccomp:.*2' /proc/$1/status", $"{host.Id}").Status == 0);
    }

    [SkippableFact]
    public void A_container_needs_to_give_it_nothing()
    {
        Skip.If(Environment.UserName != "root", "only root can take everything away");
        using TemporaryFolder folder = new();
        // As SECURITY.md has it: another user, no capability and none to be had, no network, nothing to write but the socket's folder.
        CommandResult started = Shell.Run("""
            cd "$2" && mkdir sockets && chmod 711 . && chown 65534:65534 sockets && cp -r "$(dirname "$1")/artifacts/kaleidofs" program || exit
            unshare -m -n bash -c '
              mount -o remount,bind,ro / && mount --bind sockets sockets && mount -o remount,bind,rw sockets || exit
              exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs \
                env -u HOME -u TMPDIR program/kaleidofs serve null: --socket-path "$PWD/sockets/x"' >log 2>&1 </dev/null &
            for i in $(seq 500); do [ ! -S sockets/x ] || break; sleep .02; done
            echo $!
            """, BuiltProgram.Program, folder.Path);
        string process = started.Succeeded().Text.Trim();
        try
        {
            using ConnectedGuest guest = new(folder.At("sockets/x"));
            Assert.Equal(Errno.None, guest.Client.Read(2, 0, 0, 4096).Errno);
            string status = File.ReadAllText($"/proc/{process}/status");
            Assert.All((string[])["Uid:\t65534", "CapPrm:\t0000000000000000\n", "CapBnd:\t0000000000000000\n", "NoNewPrivs:\t1\n", "Seccomp:\t2\n"], line => Assert.Contains(line, status, StringComparison.Ordinal));
            Assert.True(SpinWait.SpinUntil(() => File.ReadAllText(folder.At("log")).Contains("sandbox: no-new-privs, no capabilities", StringComparison.Ordinal), TimeSpan.FromMinutes(1)));
        }
        finally
        {
            Shell.Run("kill -TERM \"$1\"; while kill -0 \"$1\" 2>/dev/null; do sleep .02; done", process);
        }
        Assert.False(File.Exists(folder.At("sockets/x")));
    }
}
