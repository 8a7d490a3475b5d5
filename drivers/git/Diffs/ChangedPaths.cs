using System.Buffers;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Diffs;

/// <summary>The paths that a commit changes, as <c>git diff-tree -r --no-renames --name-status</c> writes them.</summary>
internal static class ChangedPaths
{
    private const int MaxLength = 16 << 20;

    public static Result<ReadOnlyMemory<byte>> Make(Repository repository, TreeCache trees, CommitFacts commit)
    {
        ArrayBufferWriter<byte> lines = new();
        Errno errno = new TreeDiff(repository, trees, (path, before, after) =>
        {
            char status = before is not { } old ? 'A' : after is not { } current ? 'D' : old.IsLike(current) ? 'M' : 'T';
            lines.Write([(byte)status, (byte)'\t']);
            QuotedPath.Write(lines, path);
            lines.Write("\n"u8);
            // Long paths to many names cost few objects.
            return lines.WrittenCount > MaxLength ? Errno.EFBIG : Errno.None;
        }).CompareWithParent(commit);
        return errno == Errno.None ? lines.WrittenMemory : errno;
    }
}
