namespace Kaleidofs.Host.VhostUser;

/// <summary>The front end's messages (QEMU's docs/interop/vhost-user.rst, "Front-end message types") that this device knows, by number.</summary>
internal enum VhostUserRequest : uint
{
    GetFeatures = 1,
    SetFeatures = 2,
    SetOwner = 3,
    ResetOwner = 4,
    SetMemoryTable = 5,
    SetVringNum = 8,
    SetVringAddress = 9,
    SetVringBase = 10,
    GetVringBase = 11,
    SetVringKick = 12,
    SetVringCall = 13,
    SetVringError = 14,
    GetProtocolFeatures = 15,
    SetProtocolFeatures = 16,
    GetQueueNum = 17,
    SetVringEnable = 18,
    SetBackendRequestFd = 21,
    GetConfig = 24,
    SetConfig = 25,
    ResetDevice = 34,
    GetMaxMemorySlots = 36,
    AddMemoryRegion = 37,
    RemoveMemoryRegion = 38,
}
