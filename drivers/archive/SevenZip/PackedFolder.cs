namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>What the header says of a folder: a stream of the contents of some files, one behind the other, and how it is encoded.</summary>
/// <param name="coders">Its coders, as they stand in the header.</param>
/// <param name="order">The one that makes the content, behind it what it takes its bytes from, and so on.</param>
/// <param name="isChain">Whether these are all, the last of which takes the packed bytes.</param>
/// <param name="packedCount">How many packed streams it takes.</param>
internal sealed class PackedFolder(FolderCoder[] coders, int[] order, bool isChain, int packedCount)
{
    /// <summary>As they stand in the header, where their sizes come in the same order.</summary>
    public FolderCoder[] Listed { get; } = coders;

    /// <summary>From the one that makes the content on; of a chain to the one that takes the packed bytes.</summary>
    public FolderCoder[] Coders { get; } = [.. order.Select(coder => coders[coder])];

    public bool IsChain { get; } = isChain;

    public int PackedCount { get; } = packedCount;

    /// <summary>Where the packed bytes begin, behind the archive's first header.</summary>
    public long Start { get; set; }

    /// <summary>How many they are.</summary>
    public long PackedLength { get; set; }

    /// <summary>How many bytes come out.</summary>
    public long Length => Coders[0].Length;

    /// <summary>Their checksum, if there is one.</summary>
    public uint? Crc { get; set; }

    /// <summary>Whether one of the coders encrypts.</summary>
    public bool IsEncrypted { get; } = coders.Any(coder => coder.Method == FolderMethods.Aes);
}
