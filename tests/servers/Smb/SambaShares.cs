using Kaleidofs.Caching;
using Kaleidofs.Drivers.Smb;
using Kaleidofs.Host.Linux;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Servers.Smb;

/// <summary>A server for a test, and its share as the driver opens it.</summary>
internal static class SambaShares
{
    /// <summary>Starts a server of the test's own.</summary>
    /// <param name="options">Lines of its configuration.</param>
    public static SambaServer Start(string options = "")
    {
        Skip.If(SambaServer.Missing is not null, SambaServer.Missing);
        return new SambaServer(options);
    }

    /// <summary>Opens the share with the driver.</summary>
    /// <param name="samba">The server.</param>
    /// <param name="path">A directory in it, beginning with a slash, or nothing.</param>
    /// <param name="port">Another way to the server than the straight one.</param>
    /// <param name="share">Another share.</param>
    /// <param name="log">What is told to an operator.</param>
    /// <param name="options">Options, as <c>name=value</c>.</param>
    public static async Task<Tree> OpenAsync(this SambaServer samba, string path = "", int? port = null, string share = "share", DriverLog? log = null, params string[] options)
    {
        Dictionary<string, string> all = options.Select(option => option.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.ElementAtOrDefault(1) ?? "");
        if (!all.ContainsKey("anonymous"))
        {
            all.TryAdd("user", samba.User);
        }
        DriverContext context = new()
        {
            Source = $"//127.0.0.1:{port ?? samba.Port}/{share}{path}",
            Scheme = "smb",
            Options = all,
            Cache = new ContentCache(),
            Files = new DiskReader(),
            Log = log ?? new RecordingLog(),
        };
        return new Tree(await new SmbDriver().OpenAsync(context, CancellationToken.None));
    }
}
