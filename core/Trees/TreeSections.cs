namespace Kaleidofs.Trees;

/// <summary>The numbers of a tree's sections in an index file. One that comes to mean something else gets another number.</summary>
internal static class TreeSections
{
    public const int Counts = 1;
    public const int Parent = 2;
    public const int Name = 3;
    public const int Mode = 4;
    public const int Owner = 5;
    public const int Size = 6;
    public const int ModificationTime = 7;
    public const int FirstChild = 8;
    public const int Children = 9;
    public const int Slots = 10;
    public const int HashKey = 11;
    public const int Heap = 12;
    public const int Owners = 13;

    // Sparse columns: three numbers each.
    public const int HardLinks = 20;
    public const int LinkCounts = 23;
    public const int Targets = 26;
    public const int Devices = 29;
    public const int Times = 32;
    public const int Blocks = 35;

    /// <summary>The last two are the sets' positions and the sets.</summary>
    public const int ExtendedAttributes = 38;
}
