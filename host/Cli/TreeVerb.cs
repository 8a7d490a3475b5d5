using System.CommandLine;
using System.Globalization;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs tree</c>: everything below a directory, drawn as tree(1) does.</summary>
internal sealed class TreeVerb : ViewVerb
{
    private readonly Option<int?> _depth = new("-L", "--level") { Description = "go only so deep", HelpName = "N" };

    public TreeVerb() : base("tree", "Draw what is below a directory of a source.",
        "kaleidofs tree backup.zip\nkaleidofs tree -L 2 backup.zip usr") => Add(_depth);

    /// <inheritdoc/>
    protected override async Task ShowAsync(SourceView view, byte[] path, Attributes attributes, StandardOutput output, ParseResult result)
    {
        int depth = result.GetValue(_depth) ?? int.MaxValue;
        if (depth < 1)
        {
            throw new SourceException($"tree: -L {depth}: it takes a number from 1") { IsUsageError = true };
        }
        output.WriteName(path.Length == 0 ? "."u8 : path);
        output.Write("\n");
        long directories = 0;
        long others = 0;
        // Of each directory on the way down, what is still to be drawn.
        Stack<(Queue<ListedEntry> Entries, byte[] Path, ulong Inode)> levels = new();
        if (attributes.IsDirectory)
        {
            await DescendAsync(view, levels, path, attributes.Inode, output).ConfigureAwait(false);
        }
        while (levels.TryPeek(out (Queue<ListedEntry> Entries, byte[] Path, ulong Inode) level))
        {
            if (!level.Entries.TryDequeue(out ListedEntry? entry))
            {
                levels.Pop();
                Forget(view, level.Inode, attributes.Inode);
                continue;
            }
            foreach ((Queue<ListedEntry> entries, byte[] _, ulong _) in levels.Skip(1).Reverse())
            {
                output.Write(entries.Count > 0 ? "│   " : "    ");
            }
            output.Write(level.Entries.Count > 0 ? "├── " : "└── ");
            output.WriteName(entry.Name);
            if (entry.Attributes.IsSymbolicLink)
            {
                Result<ReadOnlyMemory<byte>> target = await view.FileSystem.ReadLinkAsync(view.Context, entry.Attributes.Inode).ConfigureAwait(false);
                output.Write(" -> ");
                output.WriteName(target.IsOk ? target.Value.Span : "?"u8);
            }
            output.Write("\n");
            if (!entry.Attributes.IsDirectory)
            {
                others++;
                view.Forget(entry.Attributes.Inode);
                continue;
            }
            directories++;
            if (levels.Count < depth)
            {
                byte[] below = level.Path.Length == 0 ? entry.Name : [.. level.Path, (byte)'/', .. entry.Name];
                await DescendAsync(view, levels, below, entry.Attributes.Inode, output).ConfigureAwait(false);
            }
            else
            {
                view.Forget(entry.Attributes.Inode);
            }
        }
        output.Write(string.Create(CultureInfo.InvariantCulture,
            $"\n{directories} {(directories == 1 ? "directory" : "directories")}, {others} {(others == 1 ? "file" : "files")}\n"));
    }

    private async ValueTask DescendAsync(SourceView view, Stack<(Queue<ListedEntry> Entries, byte[] Path, ulong Inode)> levels, byte[] path, ulong inode, StandardOutput output)
    {
        Result<List<ListedEntry>> listed = await view.ListAsync(inode).ConfigureAwait(false);
        if (listed.IsOk)
        {
            levels.Push((new Queue<ListedEntry>(listed.Value), path, inode));
        }
        else
        {
            Report(output, path, listed.Errno);
        }
    }

    /// <summary>A directory that has been drawn is needed no more; the one that was asked for is not from a listing.</summary>
    private static void Forget(SourceView view, ulong inode, ulong asked)
    {
        if (inode != asked)
        {
            view.Forget(inode);
        }
    }
}
