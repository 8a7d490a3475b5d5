using System.Globalization;
using System.Runtime.InteropServices;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Sandbox;

/// <summary>What .NET and the C library need of the machine, whatever is served.</summary>
internal static class RuntimePaths
{
    /// <summary>This program and the loader of shared libraries: what execve(2) opens when the process begins again.</summary>
    public static IEnumerable<string> Executed => [Environment.ProcessPath ?? "/proc/self/exe", .. FindLoader()];

    public static IEnumerable<string> Read =>
    [
        AppContext.BaseDirectory,
        DotnetRoot,
        "/etc/dotnet",
        // Shared libraries, and what was loaded from somewhere else.
        "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/etc/ld.so.preload",
        .. Mappings.Select(GetPath).Distinct().Where(File.Exists),
        // How cryptography is configured, and no keys, which lie beside.
        "/etc/ssl/openssl.cnf", "/etc/pki/tls/openssl.cnf", "/etc/crypto-policies",
        // Local time: archives without time zones are in it.
        "/etc/localtime", "/usr/share/zoneinfo",
        // Memory, processors, limits. Other processes' secrets are not to be had from /proc: Landlock denies what ptrace(2) would need.
        "/proc", "/sys/fs/cgroup", "/sys/devices/system", "/sys/kernel/mm",
        "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom",
    ];

    /// <summary>The names of this process's threads are written there.</summary>
    public static IEnumerable<string> Written => ["/dev/null", "/proc/self/task"];

    /// <summary>Names, and the authorities that vouch for them.</summary>
    public static IEnumerable<string> ReadForNetwork =>
    [
        "/etc/hosts", "/etc/host.conf", "/etc/gai.conf", "/etc/services", "/etc/protocols", "/etc/nsswitch.conf",
        .. ResolverConfiguration,
        "/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/pki/tls/certs", "/etc/pki/tls/cert.pem", "/etc/pki/ca-trust",
        "/etc/ca-certificates", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates",
        .. FromEnvironment("SSL_CERT_FILE"), .. FromEnvironment("SSL_CERT_DIR"),
    ];

    /// <summary>The database of groups.</summary>
    public static IEnumerable<string> ReadForGroups => ["/etc/nsswitch.conf", "/etc/group", "/etc/passwd"];

    /// <summary>The folder of shared frameworks is two levels above this one's; a program that brings .NET along has it in its own folder.</summary>
    private static string DotnetRoot
    {
        get
        {
            string framework = Path.TrimEndingDirectorySeparator(RuntimeEnvironment.GetRuntimeDirectory());
            string root = Path.GetFullPath(Path.Combine(framework, "../../.."));
            return Directory.Exists(Path.Combine(root, "shared")) ? root : framework;
        }
    }

    /// <summary>Where a daemon writes this file it is replaced again and again: then its folder counts, unless that is /etc.</summary>
    private static IEnumerable<string> ResolverConfiguration
    {
        get
        {
            const string File = "/etc/resolv.conf";
            string? folder = Libc.RealPath(File) is { } real ? Path.GetDirectoryName(real) : null;
            return folder is null or "/etc" or "/" ? [File] : [File, folder];
        }
    }

    /// <summary>The lines of this process's map that have a path: <c>7f12a000-7f12b000 r--p 00000000 08:01 123    /path</c>.</summary>
    private static IEnumerable<string> Mappings => File.ReadLines("/proc/self/maps").Where(line => line.Contains('/', StringComparison.Ordinal));

    private static string GetPath(string mapping) => mapping[mapping.IndexOf('/', StringComparison.Ordinal)..];

    private static IEnumerable<string> FindLoader()
    {
        ulong address = Libc.LoaderAddress;
        return Mappings.Where(mapping => Contains(mapping, address)).Select(GetPath).Where(File.Exists);
    }

    private static bool Contains(string mapping, ulong address)
    {
        int dash = mapping.IndexOf('-', StringComparison.Ordinal);
        int blank = mapping.IndexOf(' ', StringComparison.Ordinal);
        return ulong.Parse(mapping.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture) <= address
            && address < ulong.Parse(mapping.AsSpan(dash + 1, blank - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static string[] FromEnvironment(string variable)
        => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value.Split(':', StringSplitOptions.RemoveEmptyEntries) : [];
}
