using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Refs;

[assembly: Kaleidofs.Driver("git", typeof(Kaleidofs.Drivers.Git.GitDriver), Kaleidofs.ContractVersion.Current, "git",
    Description = "any commit of a git repository on this machine, without a checkout",
    Reads = ["{alternates}"], Writes = ["{cache}/git-times", "{times|none}"])]

namespace Kaleidofs.Drivers.Git;

/// <summary>Opens <c>git:/repository</c>, <c>git:/repository@ref</c> and <c>git:/repository@ref:directory</c>.</summary>
public sealed class GitDriver : Driver
{
    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options { get; } =
    [
        new("alternates", "PATH[:PATH...]", "directories elsewhere that the repository borrows objects from, or one above them: a confined process reads only what it is told of"),
        new("mtime", "commit|last-change", "a path's time: the commit's (default), or that of the last commit that touched it, which is found out in the background"),
        new("lfs", "on|off", "show pointers of Git LFS as the files that they lead to, where the repository has fetched them"),
        new("times", "DIR|none", "where the times of last changes are kept for the next start (the user's cache directory)"),
    ];

    /// <inheritdoc/>
    public override async ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckOptions(Options);
        GitAddress address = GitAddress.Parse(context.Source);
        GitOptions options = GitOptions.Parse(context.Options);
        return await context.Files.RunAsync(() => Open(address, context, options)).ConfigureAwait(false);
    }

    private static GitFileSystem Open(GitAddress address, DriverContext context, GitOptions options)
    {
        Repository repository = Repository.Open(address.Path, context.Cache, new DamageLog(context.Log));
        try
        {
            return address.Revision is null
                ? GitFileSystem.OfRefs(repository, context, options)
                : GitFileSystem.OfCommit(repository, context, options, Revision.Resolve(repository, address.Revision), address.Directory);
        }
        catch
        {
            repository.Dispose();
            throw;
        }
    }
}
