namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>A part of a generated file's content: bytes of the journal.</summary>
/// <param name="Position">Where in the journal.</param>
/// <param name="Start">Where in the file.</param>
/// <param name="Length">How many bytes.</param>
internal readonly record struct Piece(long Position, long Start, int Length);
