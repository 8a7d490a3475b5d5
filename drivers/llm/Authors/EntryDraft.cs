namespace Kaleidofs.Drivers.Llm.Authors;

/// <summary>An entry that a directory is to get.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="About">What it is about.</param>
/// <param name="Modified">When it is said to have been written; null for now.</param>
internal sealed record EntryDraft(string Name, bool IsDirectory, string About, DateTimeOffset? Modified);
