namespace Kaleidofs.Tests.Posix;

/// <summary>One struct linux_dirent64.</summary>
/// <param name="Name">One character per byte.</param>
/// <param name="Inode">d_ino.</param>
/// <param name="Next">d_off: where a later listing goes on after this entry.</param>
/// <param name="Type">d_type.</param>
internal sealed record DirectoryEntry(string Name, ulong Inode, long Next, byte Type);
