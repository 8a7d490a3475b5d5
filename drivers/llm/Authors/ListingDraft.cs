namespace Kaleidofs.Drivers.Llm.Authors;

/// <summary>A directory's entries, as they were thought of.</summary>
/// <param name="Entries">In their order.</param>
/// <param name="Summary">What the directory is about.</param>
internal sealed record ListingDraft(IReadOnlyList<EntryDraft> Entries, string Summary);
