namespace Kaleidofs.Drivers.Archive.Cpio;

/// <summary>The forms of a cpio's headers.</summary>
internal enum CpioForm
{
    /// <summary>Not one that is known.</summary>
    None,
    /// <summary>SVR4's, in hexadecimal text (070701).</summary>
    New,
    /// <summary>The same with the sum of each file's bytes (070702).</summary>
    NewWithSum,
    /// <summary>POSIX.1's, in octal text (070707).</summary>
    Portable,
    /// <summary>The old one, in 16-bit numbers, from a little-endian machine.</summary>
    LittleEndian,
    /// <summary>The same from a big-endian one.</summary>
    BigEndian,
}
