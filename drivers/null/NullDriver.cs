[assembly: Kaleidofs.Driver("null", typeof(Kaleidofs.Drivers.Null.NullDriver), Kaleidofs.ContractVersion.Current, "null",
    Description = "a file of any size whose reads cost nothing, and a directory of N entries: for measuring")]

namespace Kaleidofs.Drivers.Null;

/// <summary>
/// A synthetic source with nothing behind it, so that what is measured is the host: <c>/data</c>, a file of zeros of
/// <c>-o size=</c> bytes, and <c>/entries/</c> with <c>-o entries=</c> empty files.
/// </summary>
public sealed class NullDriver : Driver
{
    private const long DefaultSize = 1L << 30;
    private const uint DefaultEntries = 10_000;

    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options { get; } =
    [
        new("size", "BYTES", "size of /data, with K, M, G or T (default 1G)"),
        new("entries", "N", "number of files in /entries (default 10000)"),
    ];

    /// <inheritdoc/>
    public override ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        context.CheckOptions(Options);
        if (context.Source.Length > 0)
        {
            throw new SourceException($"null:{context.Source}: this source has no path; write 'null:'") { IsUsageError = true };
        }
        OptionReader options = new(context.Options);
        return new(new NullFileSystem((ulong)options.GetSize("size", DefaultSize), (uint)(options.GetNumber("entries", 0, uint.MaxValue) ?? DefaultEntries)));
    }
}
