using System.Buffers;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>The plain bytes of an encrypted entry, decrypted by position as they are read: what decodes them does not know. Owns nothing.</summary>
internal abstract class DecryptingSource(ByteSource archive, long start, long length) : ByteSource
{
    /// <inheritdoc/>
    public override string Path => Archive.Path;

    /// <inheritdoc/>
    public override long Length { get; } = length;

    /// <inheritdoc/>
    public override bool IsClosed => Archive.IsClosed;

    /// <inheritdoc/>
    public override Timestamp ModificationTime => Archive.ModificationTime;

    /// <summary>Where the encrypted bytes are.</summary>
    protected ByteSource Archive { get; } = archive;

    /// <summary>The place of the first encrypted byte.</summary>
    protected long Start { get; } = start;

    /// <summary>Whether a wrong password may have passed, and shows only as damage.</summary>
    public abstract bool MayHaveWrongPassword { get; }

    /// <summary>Whether what is encrypted is authenticated as a whole: see <see cref="TryAuthenticate"/>.</summary>
    public virtual bool IsAuthenticated => false;

    /// <summary>Compares the encrypted bytes with their authentication code; false if they cannot be read.</summary>
    public virtual bool TryAuthenticate(out bool isGenuine)
    {
        isGenuine = true;
        return true;
    }

    /// <summary>Works towards a position, a few milliseconds a call; true when reading there takes no longer than reading elsewhere.</summary>
    public virtual bool TryApproach(long position) => true;

    /// <summary>Decrypting is nothing for a queue's thread.</summary>
    public override bool TryReadNow(long position, Span<byte> destination) => false;

    /// <inheritdoc/>
    public override Task<T> RunAsync<T>(Func<T> work) => Archive.RunAsync(work);

    /// <inheritdoc/>
    public override async ValueTask<Errno> ReadAsync(long position, int count, PayloadWriter destination)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(count);
        try
        {
            if (!await RunAsync(() => TryRead(position, buffer.AsSpan(0, count))).ConfigureAwait(false))
            {
                return Errno.EIO;
            }
            destination.Write(buffer.AsSpan(0, count));
            return Errno.None;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
    }
}
