using System.Runtime.InteropServices;

namespace Kaleidofs.Trees;

/// <summary>The times of an entry whose source tells more than one, or one out of the column's range.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TreeTimes(Timestamp Access, Timestamp Modification, Timestamp Change);
