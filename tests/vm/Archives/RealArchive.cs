namespace Kaleidofs.Tests.Vm.Archives;

/// <summary>An archive that some other program made, and what unzip or tar extract from it.</summary>
/// <param name="Path">The archive.</param>
/// <param name="Tree">The extracted copy.</param>
/// <param name="NamesDirectories">Whether directories have entries, and so modes and times, of their own.</param>
public sealed record RealArchive(string Path, string Tree, bool NamesDirectories);
