using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>A way to encode a stream of bytes.</summary>
internal abstract class Codec
{
    /// <summary>What people call it, as in "the gzip data is damaged".</summary>
    public abstract string Name { get; }

    /// <summary>Whether these bytes begin such a stream; false for codecs whose streams have no magic.</summary>
    public virtual bool Recognizes(ReadOnlySpan<byte> head) => false;

    /// <summary>What its tool appends to the name of a file that it compresses.</summary>
    public virtual IReadOnlyList<string> Endings => [];

    /// <summary>
    /// Whether its streams, once decoded, have seek points so dense that any of their blocks costs some milliseconds, whoever wrote them.
    /// Others are transcoded by default: their blocks are kept in the cache's tier on disk.
    /// </summary>
    public virtual bool SeeksWell => false;

    /// <summary>Whether what is encoded is the files of an archive of another format, and comes out as a tar.</summary>
    public virtual bool IsArchive => false;

    /// <summary>Whether it decodes hundreds of megabytes a second, and a decoder costs next to nothing to begin with.</summary>
    public virtual bool IsFast => false;

    /// <summary>The point that every stream has: its beginning.</summary>
    public abstract SeekPoint GetStart(ByteRange range);

    /// <summary>A cursor at the beginning.</summary>
    /// <param name="range">The stream.</param>
    /// <param name="points">Where to put the seek points that come by; null for none.</param>
    public abstract StreamCursor Open(ByteRange range, SeekPoints? points);

    /// <summary>Whether <see cref="Encode"/> can be used.</summary>
    public virtual bool CanEncode => false;

    /// <summary>Writes bytes as a frame (or a member) of its own, which may stand behind others of a stream.</summary>
    public virtual void Encode(ReadOnlySpan<byte> content, Stream output) => throw new NotSupportedException();

    /// <summary>Which form its seek points have in an index file. Another number when they come to stand elsewhere, or to say something else; 0 if they are not kept.</summary>
    public virtual int IndexVersion => 1;

    /// <summary>Reads all that <see cref="SeekPoint.Save"/> wrote of a point; null if that cannot be. The file is not to be trusted: what a decoder does with the point must be harmless.</summary>
    public virtual SeekPoint? LoadPoint(long output, long input, IndexRecordReader record) => new(output, input);

    /// <summary>Seek points of a stream, of which the first is known.</summary>
    /// <param name="range">The stream.</param>
    /// <param name="budget">Memory that they may take.</param>
    public SeekPoints OpenPoints(ByteRange range, long budget) => new(GetStart(range), budget);
}
