namespace Kaleidofs;

/// <summary>Something that a driver does with a source beside serving it: <c>kaleidofs DRIVER COMMAND SOURCE</c>.</summary>
/// <param name="Name">A word.</param>
/// <param name="Description">One line for the help.</param>
public sealed record DriverCommand(string Name, string Description);
