namespace Kaleidofs;

/// <summary>How long a source was and is.</summary>
/// <param name="LengthBefore">Before the changes, in bytes.</param>
/// <param name="Length">With them.</param>
public readonly record struct CommittedSource(long LengthBefore, long Length);
