namespace Kaleidofs;

/// <summary>What lseek(2) looks for (the kernel answers the other whences itself).</summary>
public enum SeekKind
{
    /// <summary>The next byte of data at or after the offset (SEEK_DATA).</summary>
    Data = 3,
    /// <summary>The next hole at or after the offset; the end of the file is one (SEEK_HOLE).</summary>
    Hole = 4,
}
