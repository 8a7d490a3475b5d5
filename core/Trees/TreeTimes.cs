namespace Kaleidofs.Trees;

/// <summary>The times of an entry whose source tells more than one, or one out of the column's range.</summary>
internal readonly record struct TreeTimes(Timestamp Access, Timestamp Modification, Timestamp Change);
