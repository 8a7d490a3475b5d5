using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.Sandbox;

/// <summary>The real program that serves a hostile driver, what that may be after, and a guest that makes it try.</summary>
internal sealed class HostileShare : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _tcp = new(IPAddress.Loopback, 0);
    private readonly Socket _unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource _stop = new();
    private readonly HostProcess _host;
    private readonly ConnectedGuest _guest;

    public HostileShare(string scheme, string sandbox)
    {
        Directory.CreateDirectory(_folder.At("outside/mountpoint"));
        foreach (string name in (string[])["source", "password", "outside/secret", "outside/victim", "outside/mode"])
        {
            File.WriteAllText(_folder.At(name), name);
        }
        _tcp.Start();
        _ = AnswerAsync();
        _unix.Bind(new UnixDomainSocketEndPoint(_folder.At("outside/socket")));
        _unix.Listen();
        string port = ((IPEndPoint)_tcp.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        string options = $"outside={_folder.At("outside")},password-file={_folder.At("password")},scratch={_folder.At("scratch/deep")},port={port}";
        string assembly = scheme switch
        {
            "hostile-network" => "Kaleidofs.Tests.HostileNetwork",
            "hostile-workers" => "Kaleidofs.Tests.HostileWorkers",
            _ => "Kaleidofs.Tests.Hostile",
        };
        _host = HostProcess.Serve($"{scheme}:{_folder.At("source")}", "--driver-path", DriverFolder(assembly), "--sandbox", sandbox, "-o", options);
        _guest = new ConnectedGuest(_host.Place);
    }

    /// <summary>All that the program said.</summary>
    public string Log => _host.Log;

    /// <summary>Makes the driver do something: what came of it.</summary>
    public string Try(string deed)
    {
        (Errno errno, EntryOut entry) = _guest.Client.Lookup(FileSystem.RootInode, deed);
        Assert.Equal(Errno.None, errno);
        ulong handle = _guest.Client.Open(entry.NodeId);
        (errno, byte[] data) = _guest.Client.Read(entry.NodeId, handle, 0, 4096);
        Assert.Equal(Errno.None, errno);
        return Encoding.UTF8.GetString(data).TrimEnd();
    }

    /// <summary>Whether a file of the folder is there and has not been changed.</summary>
    public bool IsIntact(string name) => File.Exists(_folder.At(name)) && File.ReadAllText(_folder.At(name)) == name
        && File.GetLastWriteTimeUtc(_folder.At(name)) > DateTime.UnixEpoch;

    public bool Exists(string name) => Path.Exists(_folder.At(name));

    public int Stop() => _host.Stop();

    public void Dispose()
    {
        _stop.Cancel();
        _guest.Dispose();
        _host.Dispose();
        _unix.Dispose();
        _tcp.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    /// <summary>Where a driver of the tests was built: beside these tests, in the same configuration.</summary>
    public static string DriverFolder(string assembly)
    {
        string own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return Path.GetFullPath(Path.Combine(own, "../..", assembly, Path.GetFileName(own)));
    }

    /// <summary>A web server of one page.</summary>
    private async Task AnswerAsync()
    {
        try
        {
            while (true)
            {
                using Socket client = await _tcp.AcceptSocketAsync(_stop.Token);
                if (await client.ReceiveAsync(new byte[4096], _stop.Token) > 0)
                {
                    await client.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"u8.ToArray(), _stop.Token);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }
}
