using System.Buffers;
using System.Text;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Diffs;

/// <summary>What a commit changes, as a patch that <c>git apply</c> takes: in the form of <c>git diff-tree -p --full-index --no-renames</c>.</summary>
internal sealed class CommitPatch(Repository repository)
{
    /// <summary>The longest patch.</summary>
    public const int MaxLength = 8 << 20;

    /// <summary>Longer files are told as binary ones are.</summary>
    private const int MaxText = 2 << 20;

    /// <summary>All that may be read for one patch.</summary>
    private const long MaxRead = 128 << 20;

    /// <summary>As git has it: a text has no NUL in its first bytes.</summary>
    private const int SniffLength = 8000;

    private readonly ArrayBufferWriter<byte> _patch = new();
    private long _read;

    public static Result<ReadOnlyMemory<byte>> Make(Repository repository, TreeCache trees, CommitFacts commit)
    {
        CommitPatch patch = new(repository);
        Errno errno = new TreeDiff(repository, trees, patch.Take).CompareWithParent(commit);
        return errno == Errno.None ? patch._patch.WrittenMemory : errno;
    }

    private Errno Take(byte[] path, TreeSide? before, TreeSide? after)
    {
        if (before is { } old && after is { } current && !old.IsLike(current))
        {
            // Another kind of thing: one goes, one comes.
            Errno errno = Write(path, old, null);
            return errno == Errno.None ? Write(path, null, current) : errno;
        }
        return Write(path, before, after);
    }

    private Errno Write(byte[] path, TreeSide? before, TreeSide? after)
    {
        Write("diff --git "u8);
        WritePath("a/"u8, path);
        Write(" "u8);
        WritePath("b/"u8, path);
        Write("\n"u8);
        (string oldMode, string newMode) = (GetMode(before), GetMode(after));
        Write(before is null ? $"new file mode {newMode}\n" : after is null ? $"deleted file mode {oldMode}\n"
            : oldMode != newMode ? $"old mode {oldMode}\nnew mode {newMode}\n" : "");
        if (before?.Id == after?.Id)
        {
            return Errno.None;
        }
        Write($"index {GetHex(before)}..{GetHex(after)}{(oldMode == newMode ? " " + oldMode : "")}\n");
        Result<byte[]?> old = ReadText(before);
        Result<byte[]?> current = ReadText(after);
        if (!old.IsOk || !current.IsOk)
        {
            return old.IsOk ? current.Errno : old.Errno;
        }
        if (old.Value is not { } oldText || current.Value is not { } newText)
        {
            Write("Binary files "u8);
            WriteName(before, "a/"u8, path, isHeader: false);
            Write(" and "u8);
            WriteName(after, "b/"u8, path, isHeader: false);
            Write(" differ\n"u8);
        }
        else if (oldText.Length > 0 || newText.Length > 0)
        {
            Write("--- "u8);
            WriteName(before, "a/"u8, path, isHeader: true);
            Write("\n+++ "u8);
            WriteName(after, "b/"u8, path, isHeader: true);
            Write("\n"u8);
            UnifiedText.Write(_patch, oldText, newText);
        }
        return _patch.WrittenCount > MaxLength ? Errno.EFBIG : Errno.None;
    }

    /// <summary>The content, if it is text; nothing for what is not there.</summary>
    private Result<byte[]?> ReadText(TreeSide? side)
    {
        if (side is not { } there)
        {
            return new([]);
        }
        if (there.Kind == TreeEntryKind.Submodule)
        {
            return Encoding.ASCII.GetBytes($"Subproject commit {there.Id.ToHex(repository.Format)}\n");
        }
        Result<ObjectStream> opened = repository.Objects.Open(there.Id);
        if (!opened.IsOk)
        {
            return opened.Errno == Errno.ENOENT ? repository.Objects.Miss(there.Id) : opened.Errno;
        }
        using ObjectStream stream = opened.Value;
        if (stream.Size > MaxText)
        {
            return new((byte[]?)null);
        }
        if ((_read += stream.Size) > MaxRead)
        {
            return Errno.EFBIG;
        }
        try
        {
            byte[] content = new byte[stream.Size];
            stream.ReadExactly(content);
            return new(content.AsSpan(0, Math.Min(content.Length, SniffLength)).Contains((byte)0) ? null : content);
        }
        catch (DamageException exception)
        {
            return repository.Objects.LogDamage(there.Id, exception);
        }
    }

    private string GetHex(TreeSide? side) => side is { } there ? there.Id.ToHex(repository.Format) : new string('0', repository.Format.IdLength * 2);

    private static string GetMode(TreeSide? side) => side?.Kind switch
    {
        null => "",
        TreeEntryKind.Executable => "100755",
        TreeEntryKind.SymbolicLink => "120000",
        TreeEntryKind.Submodule => "160000",
        _ => "100644",
    };

    private void WriteName(TreeSide? side, ReadOnlySpan<byte> prefix, byte[] path, bool isHeader)
    {
        if (side is null)
        {
            Write("/dev/null"u8);
            return;
        }
        WritePath(prefix, path);
        if (isHeader && path.Contains((byte)' '))
        {
            // So that patch(1) sees where the name ends.
            Write("\t"u8);
        }
    }

    private void WritePath(ReadOnlySpan<byte> prefix, byte[] path) => QuotedPath.Write(_patch, [.. prefix, .. path]);

    private void Write(string text) => Write(Encoding.ASCII.GetBytes(text));

    private void Write(ReadOnlySpan<byte> text) => _patch.Write(text);
}
