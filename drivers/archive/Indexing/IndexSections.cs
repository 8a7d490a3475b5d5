using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Indexing;

/// <summary>The numbers of this driver's sections in an index file. What a section means is told by the file's kind, which has a version.</summary>
internal static class IndexSections
{
    public const int Manifest = IndexWriter.FirstOwnSection;
    public const int Identity = Manifest + 1;

    /// <summary>Of the format, up to 20 of them.</summary>
    public const int Format = Manifest + 16;

    /// <summary>The seek points of what is one compressed stream.</summary>
    public const int SeekPoints = Manifest + 40;
}
