namespace Kaleidofs;

/// <summary>The driver contract's version: raised whenever an assembly compiled against the previous one would not work.</summary>
public static class ContractVersion
{
    /// <summary>This core's version.</summary>
    public const int Current = 1;
}
