namespace Kaleidofs.Trees;

/// <content>A tree in an index file.</content>
public sealed partial class Tree
{
    private Tree(IndexFile file)
    {
        _columns = new TreeColumns(file);
        _names = new NameTable(_columns, file, TreeSections.Slots, TreeSections.HashKey);
        _firstChild = file.GetColumn<int>(TreeSections.FirstChild);
        _children = file.GetColumn<int>(TreeSections.Children);
        IndexRecordReader counts = file.GetRecord(TreeSections.Counts);
        NodeCount = counts.ReadInt32(0, TreeBuilder.MaxEntries);
        TotalSize = (ulong)counts.ReadInt64();
        _validCount = _columns.Count;
        if (!counts.IsAtEnd || _firstChild.Count != _columns.Count + 1)
        {
            file.Refuse();
        }
    }

    /// <summary>Whether it can be saved: all that was built, unless its names take over 2 GiB.</summary>
    public bool CanSave => _columns.Heap.CanSave;

    /// <summary>A tree where a file has it; null if the file has none. At once, however large it is: what its columns say is checked when it is read.</summary>
    public static Tree? Load(IndexFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        Tree tree = new(file);
        return file.IsComplete && tree.IsDirectory(0) ? tree : null;
    }

    /// <summary>Writes the tree, numbers and all: what is loaded answers as this one does.</summary>
    public void Save(IndexWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        IndexRecord counts = new();
        counts.Write(NodeCount);
        counts.Write((long)TotalSize);
        writer.Add(TreeSections.Counts, counts);
        _columns.Save(writer);
        writer.Add(TreeSections.FirstChild, _firstChild);
        writer.Add(TreeSections.Children, _children);
        _names.Save(writer, TreeSections.Slots, TreeSections.HashKey);
    }

    /// <summary>Makes every number lead nowhere: the file that the tree was loaded from has turned out to be damaged.</summary>
    public void Invalidate() => Volatile.Write(ref _validCount, 0);
}
