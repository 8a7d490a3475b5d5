namespace Kaleidofs.Drivers.Git;

/// <summary>A line of a config file.</summary>
/// <param name="Section">In lower case.</param>
/// <param name="Subsection">As it is written; null if there is none.</param>
/// <param name="Key">In lower case.</param>
/// <param name="Value">Without quotes; "true" if only the key stands there.</param>
internal readonly record struct ConfigEntry(string Section, string? Subsection, string Key, string Value);
