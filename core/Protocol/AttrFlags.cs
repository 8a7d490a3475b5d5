namespace Kaleidofs.Protocol;

/// <summary>FATTR_*: which fields of a SETATTR count.</summary>
[Flags]
internal enum AttrFlags : uint
{
    Mode = 1 << 0,
    UserId = 1 << 1,
    GroupId = 1 << 2,
    Size = 1 << 3,
    AccessTime = 1 << 4,
    ModificationTime = 1 << 5,
    Handle = 1 << 6,
    AccessTimeNow = 1 << 7,
    ModificationTimeNow = 1 << 8,
    ChangeTime = 1 << 10,
}
