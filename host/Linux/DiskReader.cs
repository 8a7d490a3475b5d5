using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kaleidofs.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Host.Linux;

/// <summary>preadv2 straight into the request's own memory: first with RWF_NOWAIT on the thread that asks, then, for what is not in the page cache, on one that may wait.</summary>
internal sealed class DiskReader : FileReader
{
    /// <summary>As many reads of one share wait for its disk at once; the others queue.</summary>
    private const int MaxWaiting = 16;

    /// <summary>1 MiB in pages, and what an unaligned one adds.</summary>
    private const int MaxSegments = 264;

    private readonly WaitingThreads _threads = new(MaxWaiting);

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(SafeFileHandle file, long position, int count, PayloadWriter destination)
    {
        int read = Read(file, position, count, destination, Libc.RWF_NOWAIT, out bool isWhole);
        return isWhole ? new(read) : new(ReadLaterAsync(file, position, count, read, destination));
    }

    /// <inheritdoc/>
    public override unsafe bool TryReadNow(SafeFileHandle file, long position, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            Libc.IoVector vector = new() { Base = start, Length = (nuint)destination.Length };
            return Libc.ReadAt(file, &vector, 1, position, Libc.RWF_NOWAIT) == destination.Length;
        }
    }

    /// <inheritdoc/>
    public override FileIdentity GetIdentity(SafeFileHandle file) => Libc.GetIdentity(file);

    /// <inheritdoc/>
    public override Task<T> RunAsync<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = new();
        _threads.Enqueue(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    private async Task<int> ReadLaterAsync(SafeFileHandle file, long position, int count, int read, PayloadWriter destination)
        => read + await RunAsync(() => Read(file, position + read, count - read, destination, 0, out _)).ConfigureAwait(false);

    /// <summary>Reads until all is read, the file ends, or the flags forbid to go on, which makes the outcome less than whole.</summary>
    [SkipLocalsInit]
    private static unsafe int Read(SafeFileHandle file, long position, int count, PayloadWriter destination, int flags, out bool isWhole)
    {
        Libc.IoVector* vectors = stackalloc Libc.IoVector[MaxSegments];
        Span<BufferSegment> segments = stackalloc BufferSegment[MaxSegments];
        int done = 0;
        isWhole = true;
        while (done < count)
        {
            nint read;
            int listed = destination.ListSegments(segments);
            if (listed > 0)
            {
                read = Libc.ReadAt(file, vectors, Describe(segments[..listed], count - done, vectors), position + done, flags);
            }
            else
            {
                Span<byte> span = destination.GetSpan();
                fixed (byte* start = span)
                {
                    vectors[0] = new() { Base = start, Length = (nuint)Math.Min(span.Length, count - done) };
                    read = Libc.ReadAt(file, vectors, 1, position + done, flags);
                }
            }
            if (read == 0)
            {
                break;
            }
            if (read > 0)
            {
                Advance(destination, (int)read);
                done += (int)read;
                continue;
            }
            int error = Marshal.GetLastPInvokeError();
            if (error == Libc.EINTR)
            {
                continue;
            }
            if (flags == 0)
            {
                throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }
            // Not in memory, or a filesystem that cannot tell (EOPNOTSUPP), or a failure: the read that may wait finds out.
            isWhole = false;
            break;
        }
        return done;
    }

    /// <summary>The first <paramref name="count"/> bytes of the segments as vectors; returns how many these are.</summary>
    private static unsafe int Describe(ReadOnlySpan<BufferSegment> segments, int count, Libc.IoVector* vectors)
    {
        int described = 0;
        for (int i = 0; i < segments.Length && count > 0; i++)
        {
            int length = Math.Min(segments[i].Length, count);
            vectors[described++] = new() { Base = (void*)segments[i].Pointer, Length = (nuint)length };
            count -= length;
        }
        return described;
    }

    private static void Advance(PayloadWriter destination, int count)
    {
        while (count > 0)
        {
            int part = Math.Min(destination.GetSpan().Length, count);
            destination.Advance(part);
            count -= part;
        }
    }
}
