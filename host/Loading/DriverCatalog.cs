using System.Reflection;

namespace Kaleidofs.Host.Loading;

/// <summary>The drivers that are there, and those of them that were needed so far.</summary>
internal sealed class DriverCatalog
{
    private readonly Dictionary<string, DriverManifest> _byScheme = new(StringComparer.Ordinal);
    private readonly Dictionary<DriverManifest, Driver> _loaded = [];
    private readonly List<DriverManifest> _manifests = [];
    private readonly List<RefusedDriver> _refused = [];
    private readonly List<string> _directories = [];
    private readonly Lock _lock = new();

    private DriverCatalog()
    {
    }

    /// <summary>What can be used, in the order in which it was found.</summary>
    public IReadOnlyList<DriverManifest> Manifests => _manifests;

    /// <summary>What cannot.</summary>
    public IReadOnlyList<RefusedDriver> Refused => _refused;

    /// <summary>Where it was looked.</summary>
    public IReadOnlyList<string> Directories => _directories;

    /// <summary>Every scheme, sorted.</summary>
    public IEnumerable<string> Schemes => _byScheme.Keys.Order(StringComparer.Ordinal);

    /// <summary>Where the host's own drivers are.</summary>
    public static string OwnDirectory => Path.Combine(AppContext.BaseDirectory, "drivers");

    /// <summary>
    /// Reads what the drivers in some directories declare, and loads nothing. The user's directories come first, so
    /// that a driver there takes its schemes from the host's own.
    /// </summary>
    /// <exception cref="SourceException">A directory that the user named is not there.</exception>
    public static DriverCatalog Scan(IEnumerable<string> userDirectories)
    {
        DriverCatalog catalog = new();
        foreach (string directory in userDirectories)
        {
            if (!Directory.Exists(directory))
            {
                throw new SourceException($"cannot look for drivers: {directory}: no such directory") { IsUsageError = true };
            }
            catalog.AddDirectory(Path.GetFullPath(directory));
        }
        if (Directory.Exists(OwnDirectory))
        {
            catalog.AddDirectory(OwnDirectory);
        }
        return catalog;
    }

    /// <summary>The driver of a scheme, or null.</summary>
    public DriverManifest? Find(string scheme) => _byScheme.GetValueOrDefault(scheme);

    /// <summary>Loads a driver's assembly, once.</summary>
    /// <exception cref="SourceException">It cannot be loaded.</exception>
    public Driver Load(DriverManifest manifest)
    {
        lock (_lock)
        {
            if (!_loaded.TryGetValue(manifest, out Driver? driver))
            {
                driver = Instantiate(manifest);
                _loaded.Add(manifest, driver);
            }
            return driver;
        }
    }

    /// <summary>Loads one type of an assembly.</summary>
    public static Type LoadType(string path, string name)
        => new DriverLoadContext(path).LoadFromAssemblyPath(path).GetType(name, throwOnError: true)!;

    private static Driver Instantiate(DriverManifest manifest)
    {
        try
        {
            Type type = LoadType(manifest.Path, manifest.TypeName);
            return Activator.CreateInstance(type) as Driver
                ?? throw new SourceException($"cannot load driver '{manifest.Name}': {manifest.TypeName} is not a {typeof(Driver)}; correct the assembly {manifest.Path}");
        }
#pragma warning disable CA1031 // Whatever a foreign assembly does when it is loaded is its failure, not the host's.
        catch (Exception exception) when (exception is not SourceException)
#pragma warning restore CA1031
        {
            Exception cause = exception is TargetInvocationException { InnerException: { } inner } ? inner : exception;
            throw new SourceException($"cannot load driver '{manifest.Name}': {manifest.Path}: {cause.Message}", exception);
        }
    }

    /// <summary>A directory of driver folders, or one driver's own folder.</summary>
    private void AddDirectory(string directory)
    {
        _directories.Add(directory);
        AddFolder(directory);
        foreach (string folder in Directory.EnumerateDirectories(directory).Order(StringComparer.Ordinal))
        {
            AddFolder(folder);
        }
    }

    private void AddFolder(string folder)
    {
        string[] assemblies = Directory.GetFiles(folder, "*.dll");
        Array.Sort(assemblies, StringComparer.Ordinal);
        // A published driver has a deps.json; the libraries around it have none, and need not be looked into.
        string[] published = [.. assemblies.Where(path => File.Exists(Path.ChangeExtension(path, ".deps.json")))];
        foreach (string path in published.Length > 0 ? published : assemblies)
        {
            Add(path);
        }
    }

    private void Add(string path)
    {
        DriverManifest? manifest;
        try
        {
            manifest = DriverManifestReader.Read(path);
        }
        catch (Exception exception) when (exception is BadImageFormatException or IOException or UnauthorizedAccessException or ArgumentException or InvalidOperationException)
        {
            _refused.Add(new RefusedDriver(path, [], "not a usable assembly: " + exception.Message));
            return;
        }
        if (manifest is null)
        {
            return;
        }
        if (manifest.ContractVersion != ContractVersion.Current)
        {
            _refused.Add(new RefusedDriver(path, manifest.Schemes,
                $"driver '{manifest.Name}' was built for contract version {manifest.ContractVersion}, this host has version {ContractVersion.Current}; rebuild the driver against this host's Kaleidofs.Core"));
            return;
        }
        string[] free = [.. manifest.Schemes.Where(scheme => !_byScheme.ContainsKey(scheme))];
        if (free.Length == 0)
        {
            string other = manifest.Schemes.Count == 0 ? "it names no scheme" : $"its schemes belong to {_byScheme[manifest.Schemes[0]].Path}";
            _refused.Add(new RefusedDriver(path, manifest.Schemes, $"driver '{manifest.Name}' is not used: {other}"));
            return;
        }
        foreach (string scheme in free)
        {
            _byScheme.Add(scheme, manifest);
        }
        _manifests.Add(manifest);
    }
}
