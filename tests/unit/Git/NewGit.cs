using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>A git that makes reftable repositories: the machine's own, or one that eng/git-peer.sh unpacks.</summary>
internal static class NewGit
{
    private static readonly Lazy<CommandResult> Found = new(() => Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/git-peer.sh")));

    /// <summary>Why there is none, or null.</summary>
    public static string? Missing => Found.Value.Status == 0 ? null : "cannot be had here: a git that knows reftables (eng/git-peer.sh): " + Found.Value.Error.Trim();

    /// <summary>Where the program is.</summary>
    public static string Folder => Path.GetDirectoryName(Found.Value.Text.Trim())!;
}
