namespace Kaleidofs.Paths;

/// <summary>How long a source that others may change is believed.</summary>
/// <param name="Present">How long what was found, and what a listing told, holds.</param>
/// <param name="Absent">How long a name that was not found is taken for absent.</param>
public readonly record struct PathTimes(TimeSpan Present, TimeSpan Absent);
