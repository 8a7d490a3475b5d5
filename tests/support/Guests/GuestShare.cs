namespace Kaleidofs.Tests.Support;

/// <summary>A vhost-user-fs device of a guest.</summary>
/// <param name="Tag">What the guest mounts it by.</param>
/// <param name="Socket">Where the host process listens.</param>
/// <param name="Queues">Request queues.</param>
/// <param name="Properties">More properties of QEMU's device: a comma before each.</param>
public sealed record GuestShare(string Tag, string Socket, int Queues = 1, string Properties = "");
