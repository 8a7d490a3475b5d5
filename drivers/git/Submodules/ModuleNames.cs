using System.Text;
using Kaleidofs.Drivers.Git.Times;

namespace Kaleidofs.Drivers.Git.Submodules;

/// <summary>What a commit's <c>.gitmodules</c> says: the name of the submodule at a path.</summary>
internal sealed class ModuleNames
{
    /// <summary>Names are directories below <c>modules/</c>; nobody nests them deeper.</summary>
    private const int MaxName = 1024;

    private readonly Dictionary<ulong, string> _names = [];

    public static ModuleNames None { get; } = new();

    public static ModuleNames Parse(ReadOnlySpan<byte> text)
    {
        ModuleNames modules = new();
        foreach (ConfigEntry entry in ConfigText.Parse(Encoding.UTF8.GetString(text)))
        {
            if (entry is { Section: "submodule", Subsection: { } name, Key: "path" } && IsValid(name))
            {
                ulong path = PathTimes.Root;
                foreach (string part in entry.Value.Split('/', StringSplitOptions.RemoveEmptyEntries))
                {
                    path = PathTimes.Derive(path, Encoding.UTF8.GetBytes(part));
                }
                modules._names[path] = name;
            }
        }
        return modules;
    }

    /// <summary>The name of the one at a path.</summary>
    /// <param name="path">The digest of the path.</param>
    public string? Find(ulong path) => _names.GetValueOrDefault(path);

    /// <summary>Whether it names a directory below another, and none elsewhere (git refuses the others, too).</summary>
    private static bool IsValid(string name)
        => name.Length <= MaxName && !name.Contains('\0', StringComparison.Ordinal) && name.Split('/').All(part => part is not ("" or "." or ".."));
}
