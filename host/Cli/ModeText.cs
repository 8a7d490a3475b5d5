namespace Kaleidofs.Host.Cli;

/// <summary>Modes as ls(1) writes them: drwxr-xr-x.</summary>
internal static class ModeText
{
    public static string Of(uint mode)
    {
        char type = (mode & FileType.Mask) switch
        {
            FileType.Directory => 'd',
            FileType.SymbolicLink => 'l',
            FileType.CharacterDevice => 'c',
            FileType.BlockDevice => 'b',
            FileType.Fifo => 'p',
            FileType.Socket => 's',
            FileType.Regular => '-',
            _ => '?',
        };
        return string.Concat(
            [type],
            Triple(mode >> 6, (mode & 0x800) != 0, 's'),
            Triple(mode >> 3, (mode & 0x400) != 0, 's'),
            Triple(mode, (mode & 0x200) != 0, 't'));
    }

    /// <summary>The type in words.</summary>
    public static string TypeOf(uint mode) => (mode & FileType.Mask) switch
    {
        FileType.Directory => "directory",
        FileType.SymbolicLink => "symbolic link",
        FileType.CharacterDevice => "character device",
        FileType.BlockDevice => "block device",
        FileType.Fifo => "fifo",
        FileType.Socket => "socket",
        FileType.Regular => "regular file",
        _ => "unknown",
    };

    private static string Triple(uint bits, bool isSpecial, char special)
    {
        bool executes = (bits & 1) != 0;
        char last = isSpecial ? (executes ? special : char.ToUpperInvariant(special)) : executes ? 'x' : '-';
        return new string([(bits & 4) != 0 ? 'r' : '-', (bits & 2) != 0 ? 'w' : '-', last]);
    }
}
