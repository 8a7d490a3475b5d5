namespace Kaleidofs.Drivers.Archive.Deflate64;

/// <summary>Where in which block a decoder is.</summary>
internal record struct Deflate64State
{
    /// <summary>Before the first block.</summary>
    public static Deflate64State Start { get; } = new() { LiteralLengths = [], DistanceLengths = [] };

    /// <summary>In a block with the codes that need no telling (RFC 1951, 3.2.6).</summary>
    public static Deflate64State Fixed { get; } = new()
    {
        Phase = Deflate64Phase.Symbols,
        LiteralLengths = [.. Enumerable.Repeat((byte)8, 144), .. Enumerable.Repeat((byte)9, 112), .. Enumerable.Repeat((byte)7, 24), .. Enumerable.Repeat((byte)8, 8)],
        DistanceLengths = [.. Enumerable.Repeat((byte)5, 32)],
    };

    public Deflate64Phase Phase { get; set; }

    /// <summary>Whether the block is the last.</summary>
    public bool IsLast { get; set; }

    /// <summary>How many bytes of a stored block are left.</summary>
    public int StoredLeft { get; set; }

    /// <summary>The lengths of the block's codes.</summary>
    public byte[] LiteralLengths { get; init; }

    public byte[] DistanceLengths { get; init; }
}
