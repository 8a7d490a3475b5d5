namespace Kaleidofs.Drivers.Llm.Authors;

/// <summary>Takes content as it is thought of, and keeps it on the disk before anybody reads it.</summary>
internal abstract class ContentSink
{
    /// <summary>Takes more. What it fails at ends the writing: EDQUOT for more than there may be, EINTR if nobody wants it any more.</summary>
    public abstract ValueTask<Errno> AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}
