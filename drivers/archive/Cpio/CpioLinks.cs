using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Ranges;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Cpio;

/// <summary>
/// Files with several names. The newer forms have the content behind the last name alone, the older ones behind each. So names without
/// content wait for it; the first that the tree takes is the file then, the others lead there.
/// </summary>
internal sealed class CpioLinks(EntryBuilder entries, RangeIndex index)
{
    private readonly Dictionary<(ulong Device, ulong Inode), LinkedFile> _files = [];

    /// <summary>Takes a name of a file that has several.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="path">The name.</param>
    /// <param name="node">What the file is.</param>
    /// <param name="start">Where its content begins.</param>
    public void Add(in CpioHeader header, ReadOnlySpan<byte> path, in TreeNode node, long start)
    {
        ref LinkedFile? file = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_files, header.Identity, out _);
        if (file is not { HasContent: true })
        {
            entries.Tree.CountMetadata(path.Length + 96L);
            file ??= new LinkedFile();
            file.Names.Add(path.ToArray());
            file.Header = header;
            file.Node = node;
            file.Start = start;
            if (header.Size > 0)
            {
                Place(file);
            }
        }
        else if (header.Size == 0 || header.Size == file.Node.Size)
        {
            Link(file, path);
        }
        else
        {
            // One number for two files: what has another length is another file.
            CpioScanner.Place(entries, index, header, path, node, start, out _);
        }
    }

    /// <summary>An archive is at its end: what it has no content for is empty, if nothing of it is missing, and its numbers mean nothing in the next one.</summary>
    public void Complete(bool isWhole, DamageLines damage)
    {
        foreach (LinkedFile file in _files.Values.Where(file => !file.HasContent))
        {
            if (isWhole)
            {
                Place(file);
            }
            else
            {
                damage.Add($"'{DamageLog.ToText(file.Names[0])}' is not shown: its content is missing, or it is empty");
            }
        }
        _files.Clear();
    }

    private void Place(LinkedFile file)
    {
        file.HasContent = true;
        foreach (byte[] name in file.Names)
        {
            Link(file, name);
        }
        file.Names.Clear();
    }

    private void Link(LinkedFile file, ReadOnlySpan<byte> path)
    {
        if (file.Target is not null)
        {
            entries.AddHardLink(path, file.Target);
        }
        else if (CpioScanner.Place(entries, index, file.Header, path, file.Node, file.Start, out _))
        {
            file.Target = path.ToArray();
        }
    }

    private sealed class LinkedFile
    {
        /// <summary>Names that wait for the content.</summary>
        public List<byte[]> Names { get; } = [];

        public CpioHeader Header { get; set; }

        public TreeNode Node { get; set; }

        public long Start { get; set; }

        public bool HasContent { get; set; }

        /// <summary>The name that the tree took first; null if none.</summary>
        public byte[]? Target { get; set; }
    }
}
