using System.Security.Cryptography;
using System.Text;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Composing;

/// <summary>Makes one tree of an archive, of those that are merged over it, and of those within them. Until it is made, everything that was opened is its own.</summary>
internal sealed class ArchiveComposer(OpeningContext context) : IDisposable
{
    /// <summary>An archive of this length takes a tenth of a second and more to read.</summary>
    private const long LongLength = 16 << 20;

    private const uint ImpliedMode = FileType.Directory | 0x1ED;

    private readonly ArchiveOptions _options = context.Options;
    private readonly List<ArchiveVolume> _volumes = [];
    // Null until entries are read: a tree that the index has is not built.
    private TreeBuilder? _builder;
    private long _shown;
    private bool _isComposed;

    /// <summary>Opens all of them.</summary>
    /// <param name="file">The source. If this fails, it stays the caller's.</param>
    /// <param name="kind">The kind that it must be; none for what its content tells.</param>
    /// <param name="open">Opens a further file.</param>
    /// <exception cref="SourceException">One of them is damaged, or no archive.</exception>
    public ArchiveFileSystem Compose(ByteSource file, ArchiveKind kind, Func<string, ByteSource> open)
    {
        (ArchiveKind recognized, Codec? codec) = ArchiveFormats.Recognize(file);
        kind = kind == ArchiveKind.None ? recognized : kind;
        Add(file, kind, codec);
        if (_options.IsAlone)
        {
            return Complete(_volumes[0].Tree, cursors: null);
        }
        TreeBuilder builder = _builder!;
        foreach (string path in _options.Union)
        {
            Add(open(path));
        }
        CheckShown(file);
        NestedArchives? nested = _options.IsNested ? new NestedArchives(context, builder, _volumes) : null;
        nested?.OpenAll();
        return Complete(builder.Build(), nested?.Cursors);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_isComposed)
        {
            _volumes.ForEach(volume => volume.Dispose());
        }
    }

    /// <summary>What an entry's number depends on beside its own archive; empty if there is nothing.</summary>
    public static string Describe(IReadOnlyList<ArchiveVolume> before, int first, string mapping)
    {
        string text = $"{(before.Count == 0 ? "" : before[^1].Identity)}|{first}|{mapping}";
        return before.Count == 0 && mapping.Length == 0 ? "" : Digest(text);
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private ArchiveFileSystem Complete(Tree tree, CursorPool? cursors)
    {
        ArchiveFileSystem fileSystem = new(tree, GetIdentity(), _volumes, cursors, context.Index);
        _isComposed = true;
        return fileSystem;
    }

    private void Add(ByteSource part)
    {
        try
        {
            (ArchiveKind kind, Codec? codec) = ArchiveFormats.Recognize(part);
            Add(part, kind, codec);
        }
        catch
        {
            part.Dispose();
            throw;
        }
    }

    private void Add(ByteSource file, ArchiveKind kind, Codec? codec)
    {
        EntryBuilder? entries = null;
        _volumes.Add(ArchiveFormats.Open(file, kind, codec, () => entries = Begin(file, kind), context));
        _shown += entries?.ShownCount ?? 0;
    }

    private EntryBuilder Begin(ByteSource file, ArchiveKind kind)
    {
        _builder ??= new TreeBuilder(new TreeNode { Mode = ImpliedMode, ModificationTime = file.ModificationTime }, ArchiveFormats.Expect(file, kind)) { ShowsVersions = _options.ShowsVersions };
        PathMapping mapping = new([], _options.Root, _options.Strip);
        string text = _options.Directory.Length == 0 && _options.Strip == 0 ? "" : $"{_options.Strip} {_options.Directory}";
        text += _options.ShowsVersions ? "\0versions" : "";
        return new EntryBuilder(_builder, mapping, Describe(_volumes, _builder.Count, text), _options.IsAlone ? End : null, Grow(file, kind));

        void End(EntryBuilder entries)
        {
            // Before an index of it is kept.
            _shown = entries.ShownCount;
            CheckShown(file);
            _builder.Build();
        }
    }

    /// <summary>
    /// Lets a long tar be served while it is read. Short ones are read in the time that it takes to ask for them, and what is wrong with
    /// them is told before anything is served.
    /// </summary>
    private TreeGrowth? Grow(ByteSource file, ArchiveKind kind)
    {
        if (context.Growing is not { } growing || !_options.IsAlone || _options.Directory.Length > 0 || kind != ArchiveKind.Tar || file.Length < LongLength)
        {
            return null;
        }
        TreeGrowth growth = new(_builder!);
        growing(growth);
        return growth;
    }

    private void CheckShown(ByteSource file)
    {
        if (_shown == 0 && _options.Directory.Length > 0)
        {
            throw new SourceException($"{file.Path}: nothing in it is in a directory '{_options.Directory}' (subdir); list it without the option");
        }
    }

    private string GetIdentity()
        => _volumes.Count == 1 && !_options.IsNested ? _volumes[0].Identity
            : $"{(_options.IsNested ? "nested" : "union")}:{Digest(string.Join('\n', _volumes.Select(volume => volume.Identity)))}";
}
