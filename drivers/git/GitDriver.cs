using Kaleidofs.Drivers.Git.Refs;

[assembly: Kaleidofs.Driver("git", typeof(Kaleidofs.Drivers.Git.GitDriver), Kaleidofs.ContractVersion.Current, "git",
    Description = "any commit of a git repository on this machine, without a checkout",
    Reads = ["{alternates}"])]

namespace Kaleidofs.Drivers.Git;

/// <summary>Opens <c>git:/repository</c>, <c>git:/repository@ref</c> and <c>git:/repository@ref:directory</c>.</summary>
public sealed class GitDriver : Driver
{
    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options { get; } =
    [
        new("alternates", "PATH[:PATH...]", "directories elsewhere that the repository borrows objects from, or one above them: a confined process reads only what it is told of"),
    ];

    /// <inheritdoc/>
    public override async ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckOptions(Options);
        GitAddress address = GitAddress.Parse(context.Source);
        return await context.Files.RunAsync(() => Open(address, context)).ConfigureAwait(false);
    }

    private static GitFileSystem Open(GitAddress address, DriverContext context)
    {
        Repository repository = Repository.Open(address.Path, context.Cache, context.Log);
        try
        {
            return address.Revision is null
                ? GitFileSystem.OfRefs(repository, context)
                : GitFileSystem.OfCommit(repository, context, Revision.Resolve(repository, address.Revision), address.Directory);
        }
        catch
        {
            repository.Dispose();
            throw;
        }
    }
}
