namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>The type flags of tar headers: POSIX's, GNU's in capitals.</summary>
internal static class TarType
{
    public const byte HardLink = (byte)'1';
    public const byte SymbolicLink = (byte)'2';
    public const byte CharacterDevice = (byte)'3';
    public const byte BlockDevice = (byte)'4';
    public const byte Directory = (byte)'5';
    public const byte Fifo = (byte)'6';

    /// <summary>PAX records for the next entry; Solaris wrote a capital.</summary>
    public const byte PaxHeader = (byte)'x';
    public const byte SolarisPaxHeader = (byte)'X';
    /// <summary>PAX records for all entries that follow.</summary>
    public const byte PaxGlobalHeader = (byte)'g';

    /// <summary>A directory with the list of what an incremental dump found in it.</summary>
    public const byte GnuDumpDirectory = (byte)'D';
    public const byte GnuLongLink = (byte)'K';
    public const byte GnuLongName = (byte)'L';
    /// <summary>The rest of a file that began in an earlier volume.</summary>
    public const byte GnuContinued = (byte)'M';
    public const byte GnuOldNames = (byte)'N';
    public const byte GnuSparse = (byte)'S';
    public const byte GnuVolumeLabel = (byte)'V';

    /// <summary>The file type; what is unknown is a regular file, as POSIX asks.</summary>
    public static uint ToFileType(byte type) => type switch
    {
        SymbolicLink => FileType.SymbolicLink,
        CharacterDevice => FileType.CharacterDevice,
        BlockDevice => FileType.BlockDevice,
        Directory or GnuDumpDirectory => FileType.Directory,
        Fifo => FileType.Fifo,
        _ => FileType.Regular,
    };

    /// <summary>Whether an entry of this type has content behind its header, whatever its size field says.</summary>
    public static bool HasContent(byte type) => type is not (HardLink or SymbolicLink or CharacterDevice or BlockDevice or Directory or Fifo);
}
