namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>What there is of a file's content. Never changed in place: readers keep the one that they found.</summary>
internal sealed class Content
{
    /// <summary>Nothing yet.</summary>
    public static Content None { get; } = new();

    /// <summary>Generated content, in order.</summary>
    public Piece[] Pieces { get; init; } = [];

    /// <summary>How much of it there is.</summary>
    public long Length { get; init; }

    /// <summary>Whether that is all of it.</summary>
    public bool IsFinal { get; init; }

    /// <summary>The number of the data file that has a user's content; 0 if it is generated.</summary>
    public ulong Data { get; init; }

    /// <summary>Where it came from, when it is final and generated.</summary>
    public Provenance? Provenance { get; init; }

    /// <summary>Whether a user wrote it.</summary>
    public bool IsWritten => Data != 0;

    public Content With(Piece piece) => new() { Pieces = [.. Pieces, piece], Length = Length + piece.Length };

    public Content Finish(Provenance provenance) => new() { Pieces = Pieces, Length = Length, IsFinal = true, Provenance = provenance };
}
