using System.Reflection;
using System.Runtime.Loader;

namespace Kaleidofs.Host.Loading;

/// <summary>
/// One driver's assemblies. What its deps.json names comes from its own folder, so that two drivers may use two
/// versions of a library; the contract is always the host's own; the rest is the shared framework.
/// </summary>
internal sealed class DriverLoadContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path), isCollectible: false)
{
    private static readonly Assembly Contract = typeof(FileSystem).Assembly;

    private readonly AssemblyDependencyResolver _resolver = new(path);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == Contract.GetName().Name)
        {
            return Contract;
        }
        return _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName)
        => _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } found ? LoadUnmanagedDllFromPath(found) : 0;
}
