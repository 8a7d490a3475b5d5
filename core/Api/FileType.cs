namespace Kaleidofs;

/// <summary>The type bits of a mode (S_IFMT), as in stat(2).</summary>
public static class FileType
{
    /// <summary>The mask of the type bits.</summary>
    public const uint Mask = 0xF000;
    /// <summary>A FIFO.</summary>
    public const uint Fifo = 0x1000;
    /// <summary>A character device.</summary>
    public const uint CharacterDevice = 0x2000;
    /// <summary>A directory.</summary>
    public const uint Directory = 0x4000;
    /// <summary>A block device.</summary>
    public const uint BlockDevice = 0x6000;
    /// <summary>A regular file.</summary>
    public const uint Regular = 0x8000;
    /// <summary>A symbolic link.</summary>
    public const uint SymbolicLink = 0xA000;
    /// <summary>A socket.</summary>
    public const uint Socket = 0xC000;
}
