using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Trees;

/// <summary>Directories and the sizes of what is in them. Its calls may wait for a disk.</summary>
internal sealed class TreeReader(Repository repository, TreeCache trees)
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
            content.SetSize(place, size.Value);
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
}
