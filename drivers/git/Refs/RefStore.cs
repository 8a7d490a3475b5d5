using Kaleidofs.Drivers.Git.Objects;

namespace Kaleidofs.Drivers.Git.Refs;

/// <summary>A repository's refs, as they are at each call. Its calls may wait for a disk.</summary>
internal abstract class RefStore
{
    private const int MaxSymbolic = 5;

    /// <summary>What a ref points to, with what is noted that an annotated tag there is of.</summary>
    /// <returns>ENOENT if there is no such ref, EIO, with a line in the log, if what would tell is damaged.</returns>
    public Errno Resolve(string name, out ObjectId id, out ObjectId peeled)
    {
        (id, peeled) = (default, default);
        for (int depth = 0; depth <= MaxSymbolic && RefNames.IsValid(name); depth++)
        {
            Result<RefValue> read = Read(name);
            if (!read.IsOk)
            {
                return read.Errno;
            }
            if (read.Value.Target is not { } target)
            {
                (id, peeled) = (read.Value.Id, read.Value.Peeled);
                return id == default ? Errno.ENOENT : Errno.None;
            }
            name = target;
        }
        return Errno.ENOENT;
    }

    /// <summary>The full names below a prefix that ends with a slash, sorted. Those in what is damaged are not among them.</summary>
    public abstract IReadOnlyCollection<string> List(string prefix);

    /// <summary>What one says; its name is a valid one.</summary>
    /// <returns>ENOENT if there is none, EIO, with a line in the log, if what would tell is damaged.</returns>
    protected abstract Result<RefValue> Read(string name);
}
