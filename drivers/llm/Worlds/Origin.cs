namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>Who made an entry. The values stand in journals: they do not change.</summary>
internal enum Origin : byte
{
    /// <summary>The model named it.</summary>
    Generated = 0,
    /// <summary>A user made it.</summary>
    User = 1,
    /// <summary>world.toml has it.</summary>
    Fixed = 2,
}
