using System.Buffers;

namespace Kaleidofs.Host.Loading;

/// <summary>A source as the user named it, and the driver that it belongs to.</summary>
/// <param name="Driver">The driver.</param>
/// <param name="Scheme">The scheme that was given, or chosen for a plain path.</param>
/// <param name="Rest">What follows the scheme's colon, or the whole path.</param>
internal sealed record SourceAddress(DriverManifest Driver, string Scheme, string Rest)
{
    /// <summary>What <see cref="Kaleidofs.Driver.Recognizes"/> is shown of a file.</summary>
    private const int HeadLength = 512;

    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789+-.");

    /// <summary>
    /// Understands <c>scheme:rest</c>, or a plain path whose kind a driver recognizes. A path that exists is a path,
    /// whatever colons it has.
    /// </summary>
    /// <exception cref="SourceException">Nothing is there, or nobody knows what it is.</exception>
    public static SourceAddress Resolve(string source, DriverCatalog catalog)
    {
        (DriverManifest? driver, string rest) = Parse(source, catalog);
        return driver is null
            ? Recognize(source, catalog)
            : new SourceAddress(driver, source[..^(rest.Length + 1)], rest);
    }

    /// <summary>The same without asking any driver: null for a plain path, which one of them will recognize.</summary>
    /// <exception cref="SourceException">Nothing is there.</exception>
    public static (DriverManifest? Driver, string Address) Parse(string source, DriverCatalog catalog)
    {
        if (source.Length == 0)
        {
            throw new SourceException("cannot open: the source is empty; give a path, or scheme:rest") { IsUsageError = true };
        }
        if (Path.Exists(source))
        {
            return (null, source);
        }
        int colon = source.IndexOf(':', StringComparison.Ordinal);
        string scheme = colon > 0 ? source[..colon] : "";
        if (scheme.Length < 2 || !char.IsAsciiLetterLower(scheme[0]) || scheme.AsSpan().ContainsAnyExcept(SchemeCharacters))
        {
            throw new SourceException($"cannot open {source}: no such file or directory");
        }
        if (catalog.Find(scheme) is { } manifest)
        {
            return (manifest, source[(colon + 1)..]);
        }
        if (catalog.Refused.FirstOrDefault(refused => refused.Schemes.Contains(scheme)) is { } unusable)
        {
            throw new SourceException($"cannot open {source}: {unusable.Reason} ({unusable.Path})");
        }
        throw new SourceException($"cannot open {source}: unknown scheme '{scheme}', and no such file; known schemes: {Known(catalog)}") { IsUsageError = true };
    }

    private static SourceAddress Recognize(string path, DriverCatalog catalog)
    {
        byte[] head = ReadHead(path);
        foreach (DriverManifest manifest in catalog.Manifests)
        {
            if (catalog.Load(manifest).Recognizes(path, head))
            {
                return new SourceAddress(manifest, manifest.Schemes[0], path);
            }
        }
        string kind = Directory.Exists(path) ? "no driver serves a directory" : "no driver recognizes the file";
        throw new SourceException($"cannot open {path}: {kind}; name its kind as scheme:{path}, with one of: {Known(catalog)}");
    }

    private static byte[] ReadHead(string path)
    {
        if (Directory.Exists(path))
        {
            return [];
        }
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            byte[] head = new byte[HeadLength];
            return head[..file.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false)];
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new SourceException($"cannot open {path}: permission denied", exception);
        }
        catch (IOException exception)
        {
            throw new SourceException($"cannot open {path}: {exception.Message}", exception);
        }
    }

    private static string Known(DriverCatalog catalog) => string.Join(", ", catalog.Schemes);
}
