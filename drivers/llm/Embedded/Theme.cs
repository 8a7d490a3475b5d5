namespace Kaleidofs.Drivers.Llm.Embedded;

/// <summary>Names that go together.</summary>
/// <param name="Directories">Of directories.</param>
/// <param name="Files">Of files.</param>
internal sealed record Theme(IReadOnlyList<string> Directories, IReadOnlyList<string> Files);
