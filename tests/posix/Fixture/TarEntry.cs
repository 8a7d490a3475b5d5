namespace Kaleidofs.Tests.Posix;

/// <summary>One member of the fixture. Names and targets have one character per byte.</summary>
internal sealed record TarEntry(string Name, char Type = TarEntry.File)
{
    public const char File = '0', HardLink = '1', SymbolicLink = '2', CharacterDevice = '3', Directory = '5', Fifo = '6';

    public int Mode { get; init; } = Type == Directory ? 0x1ED : 0x1A4; // 0755, 0644
    public uint User { get; init; }
    public uint Group { get; init; }
    public byte[] Data { get; init; } = [];
    public string Target { get; init; } = "";
    public int Major { get; init; }
    public int Minor { get; init; }
    /// <summary>Seconds as PAX writes them.</summary>
    public string ModificationTime { get; init; } = PosixFixture.Time;
    /// <summary>More PAX records; a value has one character per byte.</summary>
    public IReadOnlyList<(string Key, string Value)> Records { get; init; } = [];
    /// <summary>Extents of a sparse file, in order (GNU's PAX format 1.0); <see cref="Data"/> has their bytes one after the other.</summary>
    public IReadOnlyList<(long Offset, long Length)>? Extents { get; init; }
    /// <summary>A sparse file's size.</summary>
    public long SparseSize { get; init; }
}
