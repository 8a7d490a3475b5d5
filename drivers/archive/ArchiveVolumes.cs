using System.Globalization;
using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Drivers.Archive.Zip;

namespace Kaleidofs.Drivers.Archive;

/// <summary>
/// Opens an archive's file, and where it is one of several volumes, the others beside it: <c>x.z01, x.z02, ... x.zip</c>, named by
/// the last, whose end says how many there are; and <c>x.zip.001, x.zip.002, ...</c>, any archive cut in pieces, named by the first.
/// </summary>
internal static class ArchiveVolumes
{
    /// <summary>What the names have digits for.</summary>
    private const int MaxVolumes = 999;

    /// <summary>So many names behind a missing one are tried to see that it is missing.</summary>
    private const int MaxGap = 8;

    /// <exception cref="SourceException">It cannot be opened, or a volume is missing.</exception>
    public static ByteSource Open(string path, DriverLog log, FileReader? reader = null, WorkerStarter? workers = null)
    {
        if (FindMain(path) is { } main)
        {
            throw new SourceException($"{path}: one of several volumes; name the {(IsNumbered(path) ? "first" : "last")} of them, {main}");
        }
        ArchiveFile file = ArchiveFile.Open(path, log, reader, workers);
        try
        {
            (List<string> others, bool isMainLast) = FindOthers(file);
            if (others.Count == 0)
            {
                return file;
            }
            List<ArchiveFile> files = OpenAll(others, log, reader);
            files.Insert(isMainLast ? files.Count : 0, file);
            return new SplitFile(path, files, hasVolumeNumbers: isMainLast);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens the volumes of a tar that <c>tar -M</c> made.</summary>
    /// <param name="path">The first.</param>
    /// <param name="others">The others, in their order.</param>
    /// <param name="log">Hears what is wrong.</param>
    /// <param name="reader">Reads them.</param>
    /// <exception cref="SourceException">One cannot be opened, or the first is no tar, or not the first.</exception>
    public static ByteSource OpenTar(string path, IReadOnlyList<string> others, DriverLog log, FileReader? reader)
    {
        List<ArchiveFile> files = OpenAll([path, .. others], log, reader);
        try
        {
            byte[] head = new byte[Math.Min(TarHeader.BlockLength, files[0].Length)];
            if (!files[0].TryRead(0, head) || !TarArchive.Recognizes(head))
            {
                throw new SourceException($"{path}: volumes= is for a tar that was written in volumes (tar -M), uncompressed, and this is none");
            }
            List<VolumeStart> starts = [.. files.Select(file => VolumeStart.Read(file))];
            return starts[0].Length == 0 ? new SplitFile(path, files, starts)
                : throw new SourceException($"{path}: a further volume, which begins with the rest of '{DamageLog.ToText(starts[0].Name)}'; name the first one, and the others with volumes=");
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>Whether something is surely a volume of an archive, though it may not be complete: opening it says what is wrong.</summary>
    public static bool IsVolume(string path)
    {
        if (FindMain(path) is not null)
        {
            return true;
        }
        using ArchiveFile file = ArchiveFile.Open(path, DriverLog.Silent);
        return IsZip(path) && EndOfCentralDirectory.CountVolumes(file) > 1;
    }

    /// <summary>The volume that should have been named instead of this one.</summary>
    private static string? FindMain(string path)
    {
        string extension = Path.GetExtension(path);
        string? main =
            extension is ['.', 'z' or 'Z', .. [_, _, ..] number] && IsNumber(number) ? Path.ChangeExtension(path, extension[1] == 'z' ? "zip" : "ZIP")
            : IsNumbered(path) && extension != ".001" ? Path.ChangeExtension(path, "001")
            : null;
        return main is not null && File.Exists(main) ? main : null;
    }

    private static (List<string> Paths, bool IsMainLast) FindOthers(ArchiveFile file)
    {
        List<string> paths = [];
        string path = file.Path;
        if (Path.GetExtension(path) == ".001")
        {
            for (int number = 2; number <= MaxVolumes && File.Exists(Numbered(number)); number++)
            {
                paths.Add(Numbered(number));
            }
            int missing = paths.Count + 2;
            if (Enumerable.Range(missing + 1, MaxGap).Any(number => File.Exists(Numbered(number))))
            {
                throw Missing(path, Numbered(missing));
            }
            return (paths, false);
        }
        int count = IsZip(path) ? EndOfCentralDirectory.CountVolumes(file) : 1;
        if (count > MaxVolumes)
        {
            throw new SourceException($"{path}: the last of {count} volumes, or damaged; up to {MaxVolumes} are supported");
        }
        for (int number = 1; number < count; number++)
        {
            string extension = (path.EndsWith("ZIP", StringComparison.Ordinal) ? "Z" : "z") + number.ToString("D2", CultureInfo.InvariantCulture);
            paths.Add(Path.ChangeExtension(path, extension));
            if (!File.Exists(paths[^1]))
            {
                throw Missing(path, paths[^1]);
            }
        }
        return (paths, true);

        string Numbered(int number) => Path.ChangeExtension(path, number.ToString("D3", CultureInfo.InvariantCulture));
    }

    private static List<ArchiveFile> OpenAll(List<string> paths, DriverLog log, FileReader? reader)
    {
        List<ArchiveFile> files = [];
        try
        {
            files.AddRange(paths.Select(path => ArchiveFile.Open(path, log, reader)));
            return files;
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static SourceException Missing(string path, string volume) => new($"{path}: a volume of it is missing: {volume}; put it beside the others");

    private static bool IsZip(string path) => Path.GetExtension(path).Equals(".zip", StringComparison.OrdinalIgnoreCase);

    private static bool IsNumbered(string path) => Path.GetExtension(path) is ['.', .. [_, _, _] number] && IsNumber(number);

    private static bool IsNumber(string text) => !text.AsSpan().ContainsAnyExceptInRange('0', '9');
}
