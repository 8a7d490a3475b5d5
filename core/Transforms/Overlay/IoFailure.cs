namespace Kaleidofs.Transforms.Overlay;

/// <summary>What a failure of this machine's disk is to a guest.</summary>
internal static class IoFailure
{
    /// <summary>.NET keeps the system's number; a full disk must look like one.</summary>
    public static Errno ToErrno(Exception exception) => exception.HResult switch
    {
        (int)Errno.ENOSPC => Errno.ENOSPC,
        (int)Errno.EDQUOT => Errno.EDQUOT,
        (int)Errno.EFBIG => Errno.EFBIG,
        _ => Errno.EIO,
    };

    public static bool IsExpected(Exception exception) => exception is IOException or UnauthorizedAccessException or ObjectDisposedException;
}
