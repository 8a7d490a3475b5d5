using System.CommandLine;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs ls</c>.</summary>
internal sealed class ListVerb : ViewVerb
{
    private readonly Option<bool> _long = new("-l", "--long") { Description = "mode, links, owner, group, size, time (UTC) and link target" };
    private readonly Option<bool> _recursive = new("-R", "--recursive") { Description = "directories below, too" };

    public ListVerb() : base("ls", "List a directory of a source; hidden names too, sorted by their bytes.",
        "kaleidofs ls backup.zip\nkaleidofs ls -l backup.zip etc\nkaleidofs ls -R null:")
    {
        Add(_long);
        Add(_recursive);
    }

    /// <inheritdoc/>
    protected override async Task ShowAsync(SourceView view, byte[] path, Attributes attributes, StandardOutput output, ParseResult result)
    {
        bool isLong = result.GetValue(_long);
        if (!attributes.IsDirectory)
        {
            await WriteAsync(view, new ListedEntry(path, attributes), ColumnWidths.Of([attributes]), isLong, output).ConfigureAwait(false);
            return;
        }
        bool isRecursive = result.GetValue(_recursive);
        Stack<(byte[] Path, ulong Inode)> pending = new([(path, attributes.Inode)]);
        bool isFirst = true;
        while (pending.TryPop(out (byte[] Path, ulong Inode) directory))
        {
            if (isRecursive)
            {
                output.Write(isFirst ? "" : "\n");
                output.WriteName(directory.Path.Length == 0 ? "."u8 : directory.Path);
                output.Write(":\n");
                isFirst = false;
            }
            Result<List<ListedEntry>> listed = await view.ListAsync(directory.Inode).ConfigureAwait(false);
            if (directory.Inode != attributes.Inode)
            {
                view.Forget(directory.Inode);
            }
            if (!listed.IsOk)
            {
                Report(output, directory.Path, listed.Errno);
                continue;
            }
            for (int i = 0; isLong && i < listed.Value.Count; i++)
            {
                listed.Value[i] = await view.SettleAsync(listed.Value[i]).ConfigureAwait(false);
            }
            ColumnWidths widths = isLong ? ColumnWidths.Of(listed.Value.Select(entry => entry.Attributes)) : default;
            foreach (ListedEntry entry in listed.Value)
            {
                await WriteAsync(view, entry, widths, isLong, output).ConfigureAwait(false);
                if (!isRecursive || !entry.Attributes.IsDirectory)
                {
                    view.Forget(entry.Attributes.Inode);
                }
            }
            for (int i = listed.Value.Count - 1; isRecursive && i >= 0; i--)
            {
                ListedEntry entry = listed.Value[i];
                if (entry.Attributes.IsDirectory)
                {
                    pending.Push((Join(directory.Path, entry.Name), entry.Attributes.Inode));
                }
            }
        }
    }

    private static byte[] Join(byte[] directory, byte[] name) => directory.Length == 0 ? name : [.. directory, (byte)'/', .. name];

    private static async ValueTask WriteAsync(SourceView view, ListedEntry entry, ColumnWidths widths, bool isLong, StandardOutput output)
    {
        if (isLong)
        {
            Attributes attributes = entry.Attributes;
            output.Write($"{ModeText.Of(attributes.Mode)} {attributes.LinkCount.ToString().PadLeft(widths.Links)} {attributes.UserId.ToString().PadLeft(widths.User)} {attributes.GroupId.ToString().PadLeft(widths.Group)} {attributes.Size.ToString().PadLeft(widths.Size)} {TimeText.ToSeconds(attributes.ModificationTime)} ");
        }
        output.WriteName(entry.Name);
        if (isLong && entry.Attributes.IsSymbolicLink)
        {
            Result<ReadOnlyMemory<byte>> target = await view.FileSystem.ReadLinkAsync(view.Context, entry.Attributes.Inode).ConfigureAwait(false);
            output.Write(" -> ");
            output.WriteName(target.IsOk ? target.Value.Span : "?"u8);
        }
        output.Write("\n");
    }

    /// <summary>How wide the numbers of a listing are.</summary>
    private readonly record struct ColumnWidths(int Links, int User, int Group, int Size)
    {
        public static ColumnWidths Of(IEnumerable<Attributes> all)
        {
            ColumnWidths widths = default;
            foreach (Attributes attributes in all)
            {
                widths = new ColumnWidths(
                    Math.Max(widths.Links, Digits(attributes.LinkCount)),
                    Math.Max(widths.User, Digits(attributes.UserId)),
                    Math.Max(widths.Group, Digits(attributes.GroupId)),
                    Math.Max(widths.Size, Digits(attributes.Size)));
            }
            return widths;
        }

        private static int Digits(ulong number)
        {
            int digits = 1;
            while (number >= 10)
            {
                number /= 10;
                digits++;
            }
            return digits;
        }
    }
}
