using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;

namespace Kaleidofs.Tests.Support;

/// <summary>
/// A .NET program for a guest: its assembly, the part of this machine's runtime that it refers to, and
/// the C libraries below that. An ahead-of-time compiler would make less of it, but is not to be had everywhere.
/// </summary>
public sealed class GuestProgram : IDisposable
{
    private const string Framework = "Microsoft.NETCore.App";

    private readonly TemporaryFolder _folder = new();
    private readonly string _assembly;

    public GuestProgram(string assembly)
    {
        _assembly = assembly;
        string framework = RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/');
        string version = Path.GetFileName(framework);
        string root = Path.GetFullPath(Path.Combine(framework, "../../.."));
        string[] native = ["libhostpolicy.so", "libcoreclr.so", "libclrjit.so", "libSystem.Native.so"];
        HashSet<string> managed = ReferencedBy(assembly, framework);
        var files = new Dictionary<string, string>
        {
            ["dotnet/dotnet"] = Path.Combine(root, "dotnet"),
            [$"dotnet/host/fxr/{version}/libhostfxr.so"] = Path.Combine(root, $"host/fxr/{version}/libhostfxr.so"),
            ["program/" + Path.GetFileName(assembly)] = assembly,
            ["program/" + Path.GetFileNameWithoutExtension(assembly) + ".runtimeconfig.json"] = Path.ChangeExtension(assembly, ".runtimeconfig.json"),
            [$"dotnet/shared/{Framework}/{version}/{Framework}.deps.json"] = _folder.Write("deps.json", Manifest(version, managed, native)),
        };
        foreach (string name in managed.Concat(native))
            files[$"dotnet/shared/{Framework}/{version}/{name}"] = Path.Combine(framework, name);
        foreach (string library in LibrariesOf([files["dotnet/dotnet"], .. native.Select(name => Path.Combine(framework, name))]))
            files[library.TrimStart('/')] = library;
        Files = files;
    }

    /// <summary>For <see cref="GuestOptions.Files"/>.</summary>
    public IReadOnlyDictionary<string, string> Files { get; }

    /// <summary>What runs it in the guest. Quick to start rather than fast later: the CPU may be emulated.</summary>
    public string Command => $"env DOTNET_TieredPGO=0 /dotnet/dotnet exec /program/{Path.GetFileName(_assembly)}";

    public void Dispose() => _folder.Dispose();

    /// <summary>The framework's list of what it has; the host looks a framework up by it, and wants all that it lists.</summary>
    private static string Manifest(string version, IEnumerable<string> managed, IEnumerable<string> native)
    {
        const string target = ".NETCoreApp,Version=v10.0/linux-x64";
        string library = $"Microsoft.NETCore.App.Runtime.linux-x64/{version}";
        string runtime = "{" + string.Join(',', managed.Select(name => $"\"{name}\":{{}}")) + "}";
        string other = "{" + string.Join(',', native.Select(name => $"\"{name}\":{{}}")) + "}";
        return $$$"""
            {"runtimeTarget":{"name":"{{{target}}}"},
             "targets":{"{{{target}}}":{"{{{library}}}":{"runtime":{{{runtime}}},"native":{{{other}}} } } },
             "libraries":{"{{{library}}}":{"type":"package","serviceable":true,"sha512":""} } }
            """;
    }

    private static HashSet<string> ReferencedBy(string assembly, string framework)
    {
        var found = new HashSet<string> { "System.Private.CoreLib.dll" };
        var waiting = new Stack<string>([assembly]);
        while (waiting.TryPop(out string? next))
        {
            using var image = new PEReader(File.OpenRead(next));
            MetadataReader metadata = image.GetMetadataReader();
            foreach (AssemblyReferenceHandle handle in metadata.AssemblyReferences)
            {
                string name = metadata.GetString(metadata.GetAssemblyReference(handle).Name) + ".dll";
                string path = Path.Combine(framework, name);
                if (File.Exists(path) && found.Add(name))
                    waiting.Push(path);
            }
        }
        return found;
    }

    /// <summary>The shared libraries that programs load, with the loader itself.</summary>
    private static string[] LibrariesOf(IEnumerable<string> programs) =>
        Shell.Run("ldd \"$@\" | sed -n 's/.*=> \\(\\/[^ ]*\\) .*/\\1/p; s/^[[:space:]]*\\(\\/[^ ]*ld-linux[^ ]*\\) .*/\\1/p' | sort -u", programs)
            .Succeeded().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
