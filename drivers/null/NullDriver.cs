using System.Globalization;

[assembly: Kaleidofs.Driver("null", typeof(Kaleidofs.Drivers.Null.NullDriver), Kaleidofs.ContractVersion.Current, "null",
    Description = "a file of any size whose reads cost nothing, and a directory of N entries: for measuring")]

namespace Kaleidofs.Drivers.Null;

/// <summary>
/// A synthetic source with nothing behind it, so that what is measured is the host: <c>/data</c>, a file of zeros of
/// <c>-o size=</c> bytes, and <c>/entries/</c> with <c>-o entries=</c> empty files.
/// </summary>
public sealed class NullDriver : Driver
{
    private const ulong DefaultSize = 1UL << 30;
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
        ulong size = context.Options.TryGetValue("size", out string? sizeText) ? ParseSize(sizeText) : DefaultSize;
        uint entries = DefaultEntries;
        if (context.Options.TryGetValue("entries", out string? text) && !uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out entries))
        {
            throw new SourceException($"entries={text}: not a number from 0 to {uint.MaxValue}") { IsUsageError = true };
        }
        return new(new NullFileSystem(size, entries));
    }

    private static ulong ParseSize(string text)
    {
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, 'T' => 40, _ => 0 };
        string digits = shift == 0 ? text : text[..^1];
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) || number > (ulong)long.MaxValue >> shift)
        {
            throw new SourceException($"size={text}: not a size; write a number of bytes, or one with K, M, G or T") { IsUsageError = true };
        }
        return number << shift;
    }
}
