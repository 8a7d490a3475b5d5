using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Which encoded entries a zip has that are long enough to be transcoded (<see cref="ZipBlockLoader.ShortLength"/>).</summary>
[Flags]
internal enum LongEntries
{
    None,
    SeekWell,
    SeekPoorly,
}

/// <summary>What follows from the long entries that there are.</summary>
internal static class LongEntriesExtensions
{
    /// <summary>Whether any of them is transcoded.</summary>
    public static bool AreTranscoded(this LongEntries entries, TranscodeMode mode)
        => mode == TranscodeMode.On ? entries != LongEntries.None : mode == TranscodeMode.Auto && entries.HasFlag(LongEntries.SeekPoorly);
}
