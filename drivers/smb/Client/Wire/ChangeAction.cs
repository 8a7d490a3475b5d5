namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What happened to a name (MS-FSCC 2.7.1).</summary>
internal enum ChangeAction : uint
{
    Added = 1,
    Removed = 2,
    Modified = 3,
    RenamedFrom = 4,
    RenamedTo = 5,
}
