using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>A share cannot be reached. The message is one line, and has no secret in it.</summary>
internal sealed class SmbException : Exception
{
    public SmbException(string message, NtStatus status) : base(message) => Status = status;

    public SmbException(string message, Exception innerException) : base(message, innerException) => Status = NtStatus.ConnectionDisconnected;

    public NtStatus Status { get; }

    /// <summary>Whether trying again later may help.</summary>
    public bool IsTransient => Status is NtStatus.ConnectionDisconnected or NtStatus.ConnectionReset or NtStatus.NetworkSessionExpired or NtStatus.UserSessionDeleted
        or NtStatus.InsufficientResources or NtStatus.RequestNotAccepted or NtStatus.IoTimeout;
}
