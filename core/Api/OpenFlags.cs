namespace Kaleidofs;

/// <summary>The flags of open(2) that reach a filesystem (values of x86-64 and the kernel's generic ABI).</summary>
[Flags]
public enum OpenFlags : uint
{
    /// <summary>Read only (O_RDONLY).</summary>
    ReadOnly = 0,
    /// <summary>Write only (O_WRONLY).</summary>
    WriteOnly = 1,
    /// <summary>Both (O_RDWR).</summary>
    ReadWrite = 2,
    /// <summary>The bits that hold the access mode (O_ACCMODE).</summary>
    AccessMode = 3,
    /// <summary>Create if missing (O_CREAT).</summary>
    Create = 0x40,
    /// <summary>Fail if it exists (O_EXCL).</summary>
    Exclusive = 0x80,
    /// <summary>Cut to zero bytes (O_TRUNC).</summary>
    Truncate = 0x200,
    /// <summary>Write at the end (O_APPEND).</summary>
    Append = 0x400,
    /// <summary>Bypass the page cache (O_DIRECT).</summary>
    Direct = 0x4000,
}
