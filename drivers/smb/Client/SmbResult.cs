using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb.Client;

/// <summary>The outcome of a request: a value, or the status that says why there is none.</summary>
internal readonly struct SmbResult<T>
{
    public SmbResult(T value)
    {
        Status = NtStatus.Success;
        Value = value;
    }

    public SmbResult(NtStatus status)
    {
        Status = status;
        Value = default!;
    }

    public NtStatus Status { get; }

    public T Value { get; }

    public bool IsOk => Status == NtStatus.Success;

    public static implicit operator SmbResult<T>(T value) => new(value);

    public static implicit operator SmbResult<T>(NtStatus status) => new(status);
}
