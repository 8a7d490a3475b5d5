using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>A place in a stream where decoding can begin. What a decoder needs for that beside the place, its codec's own points have.</summary>
/// <param name="output">The position in what comes out.</param>
/// <param name="input">The first byte of the file that a decoder needs.</param>
internal class SeekPoint(long output, long input)
{
    /// <summary>The position in what comes out.</summary>
    public long Output { get; } = output;

    /// <summary>The first byte of the file that a decoder needs.</summary>
    public long Input { get; } = input;

    /// <summary>The memory that it holds, nearly.</summary>
    public virtual int Cost => 64;

    /// <summary>Whether a frame (or a member) begins there, so that what stands before is a stream of its own.</summary>
    public virtual bool BeginsFrame => true;

    /// <summary>Writes what the codec's <see cref="Codec.LoadPoint"/> needs beside the place.</summary>
    public virtual void Save(IndexRecord record)
    {
    }
}
