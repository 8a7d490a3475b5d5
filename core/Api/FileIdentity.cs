namespace Kaleidofs;

/// <summary>What tells a file of this machine from another that has its name, length and time now.</summary>
/// <param name="Inode">Its inode number; 0 where it is not known.</param>
/// <param name="ChangeTime">When anything of it changed last, its attributes too: no program can set this back.</param>
/// <param name="IsOwn">Whether it belongs to the user that this process runs as.</param>
public readonly record struct FileIdentity(ulong Inode, Timestamp ChangeTime, bool IsOwn);
