using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Indexing;

/// <summary>What is known of an archive once its headers were read: what an index file keeps. A format adds where content is.</summary>
/// <param name="tree">The entries.</param>
/// <param name="identity">The source's identity.</param>
/// <param name="first">The first entry of the tree that is the archive's.</param>
internal class ArchiveListing(Tree tree, string identity, int first)
{
    public Tree Tree { get; } = tree;

    public string Identity { get; } = identity;

    /// <summary>The first entry of the tree that is the archive's.</summary>
    public int First { get; } = first;

    /// <summary>Whether the next reading would tell the same: a disk that failed once is nothing to keep.</summary>
    public bool IsLasting { get; init; } = true;

    /// <summary>Whether it took a password to read it.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Writes it; while it is in use.</summary>
    public virtual void Save(IndexWriter writer)
    {
        Tree.Save(writer);
        IndexRecord record = new();
        record.Write(Identity);
        writer.Add(IndexSections.Identity, record);
    }

    /// <summary>Reads the part that all have; false if it is not there.</summary>
    protected static bool TryLoad(IndexFile file, out Tree tree, out string identity)
    {
        IndexRecordReader record = file.GetRecord(IndexSections.Identity);
        identity = record.ReadText();
        Tree? loaded = Tree.Load(file);
        tree = loaded!;
        return loaded is not null && record.IsAtEnd;
    }
}
