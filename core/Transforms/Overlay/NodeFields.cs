namespace Kaleidofs.Transforms.Overlay;

/// <summary>Which attributes a record has. The values stand in journals: they do not change.</summary>
[Flags]
internal enum NodeFields : ushort
{
    None = 0,
    Mode = 1,
    LinkCount = 2,
    Owner = 4,
    Size = 8,
    AccessTime = 16,
    ModificationTime = 32,
    ChangeTime = 64,
    BirthTime = 128,
    Device = 256,
    All = 511,
}
