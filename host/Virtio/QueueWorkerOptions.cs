namespace Kaleidofs.Host.Virtio;

/// <summary>What the queues of one device share.</summary>
/// <param name="Name">The threads' name, a number follows; the kernel shows 15 bytes.</param>
/// <param name="Device">The device's health.</param>
/// <param name="Quota">How much each may have in flight.</param>
/// <param name="PollMicroseconds">How long to spin before parking; 0 not at all.</param>
internal sealed record QueueWorkerOptions(string Name, DeviceHealth Device, OutstandingQuota Quota, int PollMicroseconds = 0);
