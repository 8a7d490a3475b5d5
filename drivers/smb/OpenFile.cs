using Kaleidofs.Drivers.Smb.Client;

namespace Kaleidofs.Drivers.Smb;

/// <summary>A handle.</summary>
internal sealed record OpenFile(OpenInode Inode, RemoteFile Remote);
