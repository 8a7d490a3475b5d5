using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Kaleidofs.Tests.Support.Servers;

/// <summary>A real SMB server: Samba on a loopback port, with a folder of its own that it exports, gone with it.</summary>
public sealed class SambaServer : IDisposable
{
    public const string Password = "not a secret";
    private const string PathToServers = "export PATH=$PATH:/usr/sbin:/sbin; ";

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;

    /// <param name="options">Lines of its configuration.</param>
    public SambaServer(string options = "")
    {
        if (Missing is not null)
        {
            throw new InvalidOperationException(Missing);
        }
        Environment.SetEnvironmentVariable("KALEIDOFS_PASSWORD", Password);
        User = Environment.UserName;
        using (TcpListener listener = new(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        foreach (string name in new[] { "share", "private", "lock", "state", "cache", "pid", "log" })
        {
            Directory.CreateDirectory(_folder.At(name));
        }
        string at = _folder.Path;
        string conf = _folder.Write("smb.conf", $"""
            [global]
            smb ports = {Port}
            disable netbios = yes
            interfaces = lo
            bind interfaces only = yes
            server role = standalone
            map to guest = Bad User
            private dir = {at}/private
            lock directory = {at}/lock
            state directory = {at}/state
            cache directory = {at}/cache
            pid directory = {at}/pid
            ncalrpc dir = {at}/state/ncalrpc
            log file = {at}/log/log
            {options.ReplaceLineEndings("\n")}
            [share]
            path = {at}/share
            read only = no
            [denied]
            path = {at}/share
            valid users = nobody-at-all

            """);
        Shell.Run(PathToServers + "printf '%s\\n%s\\n' \"$2\" \"$2\" | smbpasswd -c \"$1\" -a -s \"$3\"", conf, Password, User).Succeeded();
        ProcessStartInfo start = new("bash", ["-c", PathToServers + "exec smbd -F --no-process-group -s \"$0\"", conf])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            WaitForAnswer();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there is no server, or null.</summary>
    public static string? Missing { get; } = Shell.Run(PathToServers + "for program in smbd smbclient smbpasswd; do command -v $program >/dev/null || echo $program; done").Text.Trim() is { Length: > 0 } programs
        ? $"no SMB server here: {programs.ReplaceLineEndings(", ")} not installed; run eng/smb-server.sh"
        : null;

    public string User { get; }

    public int Port { get; }

    public string Source => $"smb://127.0.0.1:{Port}/share";

    /// <summary>The exported folder itself, to look behind the server's back.</summary>
    public string Share => _folder.At("share");

    public string At(string name) => Path.Combine(Share, name);

    /// <summary>Runs commands of smbclient's, the other client.</summary>
    public CommandResult Client(string commands) => Shell.Run("smbclient -p \"$1\" -U \"$2%$3\" //127.0.0.1/share -c \"$4\"", Port.ToString(System.Globalization.CultureInfo.InvariantCulture), User, Password, commands);

    /// <summary>Ends all the server's processes of connections, as when it crashes.</summary>
    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private void WaitForAnswer()
    {
        var deadline = Deadline.After(TimeSpan.FromSeconds(30));
        while (Client("ls").Status != 0)
        {
            if (deadline.HasPassed || _process.HasExited)
            {
                throw new InvalidOperationException("smbd does not answer\n" + Shell.Run("tail -n 5 \"$1\"/log/*", _folder.Path).Text);
            }
            Thread.Sleep(50);
        }
    }
}
