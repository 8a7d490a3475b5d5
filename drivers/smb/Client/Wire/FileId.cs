namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>A server's number of an open file (MS-SMB2 2.2.14.1).</summary>
internal readonly record struct FileId(ulong Persistent, ulong Volatile)
{
    /// <summary>In a compound: what the request before opened.</summary>
    public static FileId OfCompound => new(ulong.MaxValue, ulong.MaxValue);
}
