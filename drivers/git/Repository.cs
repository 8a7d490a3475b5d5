using System.Text;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Refs;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git;

/// <summary>A repository on this machine. Its calls may wait for a disk.</summary>
internal sealed class Repository : IDisposable
{
    /// <summary>Tags of tags: nobody makes that many.</summary>
    private const int MaxTags = 10;
    private const int MaxTag = 16 << 20;
    private const string GitFile = "gitdir:";

    private Repository(string path, RefStore refs, ObjectDatabase objects, DamageLog log)
    {
        (Path, Refs, Objects, Log) = (path, refs, objects, log);
    }

    /// <summary>As the user named it.</summary>
    public string Path { get; }

    /// <summary>Where its objects and refs are.</summary>
    public required string Directory { get; init; }

    /// <summary>Where its HEAD is: of a worktree another directory.</summary>
    public required string OwnDirectory { get; init; }

    public RefStore Refs { get; }

    public ObjectDatabase Objects { get; }

    /// <summary>For what does not read.</summary>
    public DamageLog Log { get; }

    public ObjectFormat Format => Objects.Format;

    /// <exception cref="SourceException">It is no repository, or one of a kind that is not read here.</exception>
    public static Repository Open(string path, ContentCache cache, DamageLog damage)
    {
        string directory = FindDirectory(path);
        CheckAccess(path, directory);
        string common = directory;
        if (TryReadLine(System.IO.Path.Combine(directory, "commondir")) is { } line)
        {
            common = System.IO.Path.GetFullPath(line, directory);
        }
        if (!System.IO.Directory.Exists(System.IO.Path.Combine(common, "objects")))
        {
            throw new SourceException($"{path}: not a git repository, or one whose objects are gone: {common}/objects is no directory");
        }
        CheckAccess(path, System.IO.Path.Combine(common, "objects"));
        RepositoryConfig config = RepositoryConfig.Read(common, path);
        ObjectDatabase objects = new(System.IO.Path.Combine(common, "objects"), config.Format, cache, damage) { IsPartial = config.IsPartial };
        RefStore refs = config.HasReftables ? new ReftableRefs(directory, common, config.Format, damage) : new FileRefs(directory, common, config.Format);
        return new Repository(path, refs, objects, damage) { Directory = common, OwnDirectory = directory };
    }

    /// <summary>The commit that an object is, or that a tag is of.</summary>
    /// <returns>ENOENT if there is none.</returns>
    public Result<CommitFacts> ReadCommit(ObjectId id)
    {
        for (int depth = 0; depth < MaxTags; depth++)
        {
            Result<ObjectStream> opened = Objects.Open(id);
            if (!opened.IsOk)
            {
                return opened.Errno;
            }
            using ObjectStream stream = opened.Value;
            try
            {
                switch (stream.Kind)
                {
                    case ObjectKind.Commit:
                        using (ObjectBuffer text = stream.ReadAll(CommitFacts.MaxLength))
                        {
                            return CommitFacts.Parse(id, text.Span, Format);
                        }
                    case ObjectKind.Tag:
                        using (ObjectBuffer text = stream.ReadAll(MaxTag))
                        {
                            if (!CommitFacts.TryGetHeader(text.Span, "object"u8, out ReadOnlySpan<byte> digits) || !ObjectId.TryParse(digits, Format, out ObjectId tagged))
                            {
                                return Errno.ENOENT;
                            }
                            id = tagged;
                        }
                        break;
                    default:
                        return Errno.ENOENT;
                }
            }
            catch (DamageException exception)
            {
                return Objects.LogDamage(id, exception);
            }
        }
        return Errno.ENOENT;
    }

    /// <summary>The commit that a ref leads to.</summary>
    /// <returns>ENOENT if there is no such ref, or it leads to something else.</returns>
    public Result<CommitFacts> ReadRef(string name)
        => Refs.Resolve(name, out ObjectId id, out ObjectId peeled) is var errno and not Errno.None ? errno : ReadCommit(peeled == default ? id : peeled);

    /// <summary>A tree.</summary>
    /// <returns>EIO, with a line in the log, if it is missing or damaged.</returns>
    public Result<TreeContent> ReadTree(in ObjectId id, TreeCache cache)
    {
        if (cache.Get(id) is { } kept)
        {
            return kept;
        }
        Result<ObjectBuffer> read = Objects.Read(id, ObjectKind.Tree, TreeContent.MaxLength);
        if (!read.IsOk)
        {
            // The empty tree is known to git without being there.
            return read.Errno != Errno.ENOENT ? read.Errno : id == Format.EmptyTree ? TreeContent.Parse([], Format) : Objects.Miss(id);
        }
        using ObjectBuffer buffer = read.Value;
        try
        {
            TreeContent tree = TreeContent.Parse(buffer.Span, Format);
            if (tree.Refused > 0)
            {
                Objects.LogRefused(id, tree.Refused);
            }
            return cache.Add(id, tree);
        }
        catch (DamageException exception)
        {
            return Objects.LogDamage(id, exception);
        }
    }

    public void Dispose() => Objects.Dispose();

    private static string FindDirectory(string path)
    {
        string inner = System.IO.Path.Combine(path, ".git");
        if (File.Exists(inner))
        {
            if (TryReadLine(inner) is { } line && line.StartsWith(GitFile, StringComparison.Ordinal))
            {
                string directory = System.IO.Path.GetFullPath(line[GitFile.Length..].Trim(), path);
                return System.IO.Directory.Exists(directory) ? directory : throw new SourceException($"{path}: its repository is said to be {directory}, which is not there");
            }
            throw new SourceException($"{inner}: cannot be read, or does not name a repository");
        }
        if (System.IO.Directory.Exists(inner))
        {
            return inner;
        }
        if (System.IO.Directory.Exists(System.IO.Path.Combine(path, "objects")) && File.Exists(System.IO.Path.Combine(path, "HEAD")))
        {
            return path;
        }
        throw new SourceException($"{path}: not a git repository: there is neither a .git in it nor objects and a HEAD; name the directory that 'git rev-parse --show-toplevel' tells");
    }

    /// <exception cref="SourceException">The directory may not be read, as when a worktree's repository is elsewhere.</exception>
    private static void CheckAccess(string path, string directory)
    {
        try
        {
            _ = System.IO.Directory.EnumerateFileSystemEntries(directory).Any();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            string full = System.IO.Path.GetFullPath(path);
            int end = directory.IndexOf("/worktrees/", StringComparison.Ordinal);
            string main = end < 0 ? directory : directory[..end];
            main = main.EndsWith("/.git", StringComparison.Ordinal) ? main[..^"/.git".Length] : main;
            string hint = directory.StartsWith(full + "/", StringComparison.Ordinal) ? "the host's user must be able to read it"
                : $"a confined process reads only what it is told of, so name the repository itself: git:{main}";
            throw new SourceException($"{path}: {directory} cannot be read: {hint}", exception);
        }
    }

    private static string? TryReadLine(string path)
    {
        const int MaxLine = 8192;
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[MaxLine];
            int read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Encoding.UTF8.GetString(bytes, 0, read).Split('\n')[0].Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
