namespace Kaleidofs;

/// <summary>One <c>-o name=value</c> that a driver takes.</summary>
/// <param name="Name">The option's name.</param>
/// <param name="Value">What its value looks like ("SECONDS"), or empty for a switch.</param>
/// <param name="Description">One line.</param>
public sealed record DriverOption(string Name, string Value, string Description);
