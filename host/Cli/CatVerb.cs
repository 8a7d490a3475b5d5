using System.CommandLine;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs cat</c>: a file's bytes.</summary>
internal sealed class CatVerb() : ViewVerb("cat", "Write a file's content to the standard output.",
    "kaleidofs cat backup.zip etc/hosts\nkaleidofs cat data.tar.gz dump.sql | head")
{
    /// <inheritdoc/>
    protected override async Task ShowAsync(SourceView view, byte[] path, Attributes attributes, StandardOutput output, ParseResult result)
    {
        Errno errno = attributes.IsDirectory ? Errno.EISDIR
            : !attributes.IsRegularFile ? Errno.EINVAL
            : await view.CopyAsync(attributes.Inode, output.Stream).ConfigureAwait(false);
        if (errno != Errno.None)
        {
            Report(output, path, errno);
        }
    }
}
