using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Drivers.Git.Trees;

namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>What a directory of a commit holds.</summary>
/// <param name="Served">The repository that it is read from.</param>
/// <param name="Tree">The tree object.</param>
/// <param name="Commit">The commit that it is of.</param>
/// <param name="PathDigest">The digest of its path in the commit.</param>
internal sealed record TreeInside(ServedRepository Served, ObjectId Tree, CommitFacts Commit, ulong PathDigest);
