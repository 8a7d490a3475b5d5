using Kaleidofs;
using Kaleidofs.Trees;

namespace Hello;

/// <summary>
/// The files. A tree answers for names, attributes and listings; what is left is to read. A source that changes, or that
/// can be written to, derives from <see cref="FileSystem"/> instead and overrides what it can do.
/// </summary>
/// <param name="tree">Names and attributes.</param>
/// <param name="contents">By node.</param>
/// <param name="identity">Equal only if every name and byte is: caches go by it.</param>
internal sealed class HelloFileSystem(Tree tree, IReadOnlyList<byte[]> contents, string identity) : TreeFileSystem(tree, identity)
{
    /// <inheritdoc/>
    protected override ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        // At hand: answer at once. A source that is slow returns a pending task, and never blocks the thread.
        destination.Write(contents[node].AsSpan((int)offset, count));
        return new(Errno.None);
    }
}
