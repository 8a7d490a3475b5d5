using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb;

/// <summary>What a server's status is to a program: the one table.</summary>
internal static class SmbErrors
{
    public static Errno ToErrno(this NtStatus status) => status switch
    {
        NtStatus.Success => Errno.None,
        NtStatus.NoSuchFile or NtStatus.ObjectNameNotFound or NtStatus.ObjectPathNotFound or NtStatus.ObjectPathInvalid or NtStatus.ObjectPathSyntaxBad or NtStatus.NotFound
            or NtStatus.DeletePending => Errno.ENOENT,
        NtStatus.ObjectNameInvalid or NtStatus.InvalidParameter or NtStatus.InfoLengthMismatch => Errno.EINVAL,
        NtStatus.ObjectNameCollision => Errno.EEXIST,
        NtStatus.AccessDenied or NtStatus.NetworkAccessDenied or NtStatus.LogonFailure or NtStatus.WrongPassword or NtStatus.AccountRestriction or NtStatus.PasswordExpired
            or NtStatus.AccountDisabled or NtStatus.BadImpersonationLevel => Errno.EACCES,
        NtStatus.PrivilegeNotHeld or NtStatus.CannotDelete => Errno.EPERM,
        NtStatus.SharingViolation or NtStatus.NetworkBusy or NtStatus.FileClosed or NtStatus.InvalidHandle => status is NtStatus.FileClosed or NtStatus.InvalidHandle ? Errno.EBADF : Errno.EBUSY,
        NtStatus.FileLockConflict or NtStatus.LockNotGranted or NtStatus.RequestNotAccepted => Errno.EAGAIN,
        NtStatus.FileIsADirectory => Errno.EISDIR,
        NtStatus.NotADirectory => Errno.ENOTDIR,
        NtStatus.DirectoryNotEmpty => Errno.ENOTEMPTY,
        NtStatus.DiskFull => Errno.ENOSPC,
        NtStatus.QuotaExceeded => Errno.EDQUOT,
        NtStatus.MediaWriteProtected => Errno.EROFS,
        NtStatus.NameTooLong => Errno.ENAMETOOLONG,
        NtStatus.NotSameDevice => Errno.EXDEV,
        NtStatus.TooManyLinks => Errno.EMLINK,
        NtStatus.TooManyOpenedFiles => Errno.ENFILE,
        NtStatus.NoMemory or NtStatus.InsufficientResources => Errno.ENOMEM,
        NtStatus.NotSupported or NtStatus.NotImplemented or NtStatus.InvalidDeviceRequest or NtStatus.InvalidInfoClass or NtStatus.IoReparseTagNotHandled => Errno.EOPNOTSUPP,
        NtStatus.NoEasOnFile or NtStatus.NonexistentEaEntry => Errno.ENODATA,
        NtStatus.FileDeleted or NtStatus.FileRenamed => Errno.ESTALE,
        NtStatus.StoppedOnSymlink => Errno.ELOOP,
        NtStatus.Cancelled => Errno.EINTR,
        _ => Errno.EIO,
    };
}
