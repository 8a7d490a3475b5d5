using System.Text;

namespace Kaleidofs.Drivers.Git;

/// <summary>The extended attributes that tell what git has behind an inode.</summary>
internal sealed class GitAttributes
{
    private const string ObjectIdName = "user.git.oid";
    private const string CommitName = "user.git.commit";

    /// <summary>The object: of a file its blob, of a directory its tree, of a submodule the commit of the other repository.</summary>
    public string? ObjectId { get; init; }

    /// <summary>Of a commit's root the commit, and of a submodule.</summary>
    public string? Commit { get; init; }

    public static Result<ReadOnlyMemory<byte>> Get(in Result<GitAttributes> set, ReadOnlySpan<byte> name)
    {
        if (!set.IsOk)
        {
            return set.Errno;
        }
        string? value = name.SequenceEqual("user.git.oid"u8) ? set.Value.ObjectId : name.SequenceEqual("user.git.commit"u8) ? set.Value.Commit : null;
        return value is null ? Errno.ENODATA : new ReadOnlyMemory<byte>(Encoding.ASCII.GetBytes(value));
    }

    public static Result<ReadOnlyMemory<byte>> List(in Result<GitAttributes> set)
    {
        if (!set.IsOk)
        {
            return set.Errno;
        }
        string names = (set.Value.ObjectId is null ? "" : ObjectIdName + '\0') + (set.Value.Commit is null ? "" : CommitName + '\0');
        return new ReadOnlyMemory<byte>(Encoding.ASCII.GetBytes(names));
    }
}
