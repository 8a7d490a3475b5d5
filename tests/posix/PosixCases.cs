namespace Kaleidofs.Tests.Posix;

/// <summary>The table: every promise by its name.</summary>
public static class PosixCases
{
    /// <summary>Name to case, in the order in which they run.</summary>
    public static IReadOnlyDictionary<string, Action<Tree>> All { get; } = new (string Name, Action<Tree> Body)[][]
    {
        LookupCases.Table,
        AttributeCases.Table,
        PermissionCases.Table,
        LinkCases.Table,
        DirectoryCases.Table,
        OpenCases.Table,
        ReadCases.Table,
        SeekCases.Table,
        ExtendedAttributeCases.Table,
        ReadOnlyCases.Table,
        ConcurrencyCases.Table,
    }.SelectMany(table => table).ToDictionary(entry => entry.Name, entry => entry.Body);
}
