using Kaleidofs.Drivers.Git.Lfs;
using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>Directories and the sizes of what is in them. Its calls may wait for a disk.</summary>
/// <param name="repository">Where they are.</param>
/// <param name="trees">Keeps them.</param>
/// <param name="lfs">Has the files that pointers lead to; null if they are shown as they are.</param>
internal sealed class TreeReader(Repository repository, TreeCache trees, LfsStore? lfs = null)
{
    /// <summary>A tree.</summary>
    /// <returns>EIO, with a line in the log, if it is missing or damaged.</returns>
    public Result<TreeContent> Read(in ObjectId id) => repository.ReadTree(id, trees);

    /// <summary>Sees to it that an entry's size is known.</summary>
    /// <returns>EIO, with a line in the log, if its object is missing or damaged.</returns>
    public Errno LoadSize(TreeContent content, int place)
    {
        if (content.TryGetSize(place, out _))
        {
            return Errno.None;
        }
        if (content.GetKind(place) is TreeEntryKind.Submodule or TreeEntryKind.Directory)
        {
            content.SetSize(place, 0);
            return Errno.None;
        }
        ObjectId id = content.GetId(place);
        Result<long> size = repository.Objects.GetSize(id);
        if (size.IsOk)
        {
            content.SetSize(place, Resolve(content, place, id, size.Value));
        }
        return size.Errno == Errno.ENOENT ? repository.Objects.Miss(id) : size.Errno;
    }

    /// <summary>The same for all entries, as far as they can be known. Who comes meanwhile waits: what is asked for is mostly what is being read ahead.</summary>
    public void LoadSizes(TreeContent content)
    {
        if (content.HasSizes)
        {
            return;
        }
        lock (content)
        {
            bool hasAll = true;
            for (int place = 0; place < content.Count; place++)
            {
                hasAll &= content.GetKind(place) == TreeEntryKind.Directory || LoadSize(content, place) == Errno.None;
            }
            content.HasSizes = hasAll;
        }
    }

    /// <summary>The size of what is shown: the file's that a pointer leads to, if it is there.</summary>
    private long Resolve(TreeContent content, int place, in ObjectId id, long size)
    {
        if (lfs is null || size is < LfsPointer.MinLength or > LfsPointer.MaxLength || content.GetKind(place) == TreeEntryKind.SymbolicLink
            || repository.Objects.Read(id, ObjectKind.Blob, LfsPointer.MaxLength) is not { IsOk: true, Value: var read })
        {
            return size;
        }
        using ObjectBuffer text = read;
        if (LfsPointer.Parse(text.Span) is not { } pointer || !lfs.Has(pointer))
        {
            return size;
        }
        content.SetPointer(place, pointer);
        return pointer.Size;
    }
}
