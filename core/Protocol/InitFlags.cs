namespace Kaleidofs.Protocol;

/// <summary>INIT's flags and flags2 as one word (FUSE_* of linux/fuse.h).</summary>
[Flags]
internal enum InitFlags : ulong
{
    None = 0,
    AsyncRead = 1UL << 0,
    PosixLocks = 1UL << 1,
    AtomicTruncate = 1UL << 3,
    ExportSupport = 1UL << 4,
    BigWrites = 1UL << 5,
    DontMask = 1UL << 6,
    AutoInvalidateData = 1UL << 12,
    DoReadDirPlus = 1UL << 13,
    ReadDirPlusAuto = 1UL << 14,
    AsyncDirectIO = 1UL << 15,
    WritebackCache = 1UL << 16,
    NoOpenSupport = 1UL << 17,
    ParallelDirectoryOperations = 1UL << 18,
    HandleKillPrivileges = 1UL << 19,
    AbortError = 1UL << 21,
    MaxPages = 1UL << 22,
    CacheSymbolicLinks = 1UL << 23,
    NoOpenDirSupport = 1UL << 24,
    ExplicitInvalidateData = 1UL << 25,
    SetXAttrExtended = 1UL << 29,
    InitExtended = 1UL << 30,
    AllowIdMap = 1UL << 40,
    OverIoUring = 1UL << 41,
}
