using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Monitoring;
using Kaleidofs.Host.Serving;
using Kaleidofs.Host.VhostUser;

namespace Kaleidofs.Host.Sandbox;

/// <summary>What the process needs of the machine to serve its shares. Made from declarations alone: no driver's code has run.</summary>
internal sealed class SandboxPlan
{
    private readonly HashSet<string> _read = [];
    private readonly HashSet<string> _written = [];
    private readonly HashSet<string> _sockets = [];
    private readonly List<string> _mountpoints = [];
    private bool _hasWorkers;

    /// <param name="shares">What is served.</param>
    /// <param name="drivers">Their drivers.</param>
    /// <param name="files">What the host itself reads.</param>
    public SandboxPlan(IEnumerable<ShareSettings> shares, DriverCatalog drivers, params ReadOnlySpan<string> files)
    {
        _read.UnionWith(drivers.Directories);
        foreach (string file in files)
        {
            _read.Add(Path.GetFullPath(file));
        }
        foreach (ShareSettings share in shares)
        {
            try
            {
                AddSource(share, drivers);
            }
            catch (SourceException)
            {
                // It will not open, and says so then; the others go on.
            }
            if (share.SocketPath is { Length: > 0 } socket)
            {
                _sockets.Add(Path.GetFullPath(socket));
            }
            ChangesOwner |= share.SocketGroup is not null;
            if (share.Mountpoint is { } mountpoint)
            {
                _mountpoints.Add(mountpoint);
            }
        }
        if (Network)
        {
            _read.UnionWith(RuntimePaths.ReadForNetwork);
        }
        if (ChangesOwner)
        {
            _read.UnionWith(RuntimePaths.ReadForGroups);
        }
        string? manager = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        Notifies = !string.IsNullOrEmpty(manager);
        NotifiesAbstractSocket = manager is ['@', ..];
    }

    /// <summary>Files, and directories with what is beneath.</summary>
    public IEnumerable<string> Read => field ??= [.. RuntimePaths.Read, .. _read];

    /// <summary>Directories that drivers, overlays and the content cache keep something in.</summary>
    public IEnumerable<string> Written => _written;

    /// <summary>Where sockets are made and removed.</summary>
    public IEnumerable<string> SocketDirectories => _sockets.Select(socket => Path.GetDirectoryName(socket)!).Distinct();

    /// <summary>A driver talks to other machines.</summary>
    public bool Network { get; private set; }

    /// <summary>A driver starts workers, which are this program again: only where Landlock sees to it that nothing else is executed.</summary>
    public bool MayStartWorkers => _hasWorkers && Landlock.Version > 0;

    /// <summary>The host itself listens on TCP.</summary>
    public bool ListensOnTcp { get; init; }

    /// <summary>Where the process may be asked how it does.</summary>
    public MonitoringOptions Monitoring
    {
        init
        {
            ListensOnTcp = value.ListensOnTcp;
            _sockets.UnionWith(value.SocketPaths);
        }
    }

    /// <summary>Where decoded content is kept on disk.</summary>
    public string? CacheDirectory
    {
        init
        {
            if (value is not null)
            {
                _written.Add(value);
            }
        }
    }

    /// <summary>A socket is given to a group.</summary>
    public bool ChangesOwner { get; }

    /// <summary>Where shares are mounted on this machine, as the user wrote it.</summary>
    public IReadOnlyList<string> Mountpoints => _mountpoints;

    /// <summary>A service manager wants to hear how the process is doing.</summary>
    public bool Notifies { get; }

    /// <summary>Its socket has no path.</summary>
    public bool NotifiesAbstractSocket { get; }

    /// <summary>
    /// What can be done only before: the directories that drivers write to, as a rule needs something to hold on to, and
    /// the sockets of dead servers, which are told from others by connecting to them.
    /// </summary>
    public void Prepare()
    {
        foreach (string directory in _written)
        {
            try
            {
#pragma warning disable CA1416 // The host is a program for Linux.
                Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // The driver does without, or says so itself.
            }
        }
        ControlSocket.CreateDirectory();
        foreach (string socket in _sockets)
        {
            try
            {
                VhostUserListener.RemoveStale(socket);
            }
            catch (IOException)
            {
                // Its share says so.
            }
        }
    }

    private void AddSource(ShareSettings share, DriverCatalog drivers)
    {
        HostOptions split = HostOptions.Split(share.Options);
        if (split.Overlay is { } overlay)
        {
            _written.Add(overlay);
        }
        IReadOnlyDictionary<string, string> options = split.DriverOptions;
        (DriverManifest? named, string rest) = SourceAddress.Parse(share.Source, drivers);
        // Who recognizes a plain path is known only when drivers run: it is none that needs a network.
        foreach (DriverManifest driver in named is null ? drivers.Manifests.Where(driver => !driver.UsesNetwork) : [named])
        {
            string? path = FindPath(rest);
            Network |= driver.UsesNetwork && (driver.NetworkOptions.Count == 0 || driver.NetworkOptions.Any(options.ContainsKey));
            _hasWorkers |= driver.StartsWorkers;
            PathTemplate template = new(path, options);
            _read.UnionWith(driver.Reads.SelectMany(template.Expand));
            _written.UnionWith(driver.Writes.SelectMany(template.Expand));
            // What follows a scheme of the network's is a name there, though a file here may have the same.
            if (path is not null && !driver.UsesNetwork)
            {
                _read.Add(path);
            }
        }
    }

    /// <summary>The file or directory that a source begins with: <c>/repository@v1.2</c>, <c>/data/x.zip?inner.zip</c>.</summary>
    private static string? FindPath(string rest)
    {
        for (string path = rest; path.Length > 0;)
        {
            if (Path.Exists(path))
            {
                return Path.GetFullPath(path);
            }
            int end = path.AsSpan().LastIndexOfAny("@?#:");
            path = end < 0 ? "" : path[..end];
        }
        return null;
    }
}
