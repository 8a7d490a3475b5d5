namespace Kaleidofs.Drivers.Llm.Authors;

/// <summary>What is known around something that is to be generated: it has to agree with it.</summary>
/// <param name="Path">Its path, from the root.</param>
/// <param name="Ancestors">The directories above it, from the root on.</param>
/// <param name="Siblings">The other entries of its directory.</param>
internal sealed record Surroundings(string Path, IReadOnlyList<AncestorView> Ancestors, IReadOnlyList<SiblingView> Siblings);

/// <summary>A directory above.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Summary">What its listing says that it is about.</param>
/// <param name="Names">Some of its entries' names.</param>
internal sealed record AncestorView(string Path, string Summary, IReadOnlyList<string> Names);

/// <summary>An entry beside.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="About">What it is about.</param>
/// <param name="Excerpt">How its content begins, if there is some.</param>
internal sealed record SiblingView(string Name, bool IsDirectory, string About, string Excerpt);
