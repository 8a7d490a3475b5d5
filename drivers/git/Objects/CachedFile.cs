using Kaleidofs.Caching;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>A file that a few bytes here and there are read of again and again, as an index is: by blocks in the content cache, so that most reads cost no system call.</summary>
internal sealed class CachedFile : IDisposable
{
    private const int BlockLength = 32 << 10;

    private readonly SafeFileHandle _file;
    private readonly ContentCache _cache;
    private readonly ulong _source;

    private CachedFile(SafeFileHandle file, ContentCache cache)
    {
        (_file, _cache, _source) = (file, cache, cache.OpenSource(""));
        Length = RandomAccess.GetLength(file);
    }

    /// <summary>The length that it had when it was opened.</summary>
    public long Length { get; }

    /// <exception cref="IOException">It cannot be opened.</exception>
    public static CachedFile Open(string path, ContentCache cache) => new(File.OpenHandle(path), cache);

    /// <exception cref="DamageException">The file ends before.</exception>
    public void ReadExactly(Span<byte> destination, long position)
    {
        if (position < 0 || position > Length - destination.Length)
        {
            throw new DamageException("it ends early");
        }
        while (!destination.IsEmpty)
        {
            (long block, long offset) = Math.DivRem(position, BlockLength);
            BlockKey key = new(_source, 0, (ulong)block);
            int count = (int)Math.Min(destination.Length, BlockLength - offset);
            if (_cache.TryGet(key, out BlockLease lease))
            {
                using (lease)
                {
                    lease.Span.Slice((int)offset, count).CopyTo(destination);
                }
            }
            else
            {
                byte[] bytes = ObjectBuffer.Pool.Rent(BlockLength);
                Span<byte> content = bytes.AsSpan(0, (int)Math.Min(BlockLength, Length - (block * BlockLength)));
                ReadExactly(_file, content, block * BlockLength);
                _cache.Add(key, content);
                content.Slice((int)offset, count).CopyTo(destination);
                ObjectBuffer.Pool.Return(bytes);
            }
            destination = destination[count..];
            position += count;
        }
    }

    /// <summary>The same of a file that is not kept.</summary>
    /// <exception cref="DamageException">The file ends before.</exception>
    public static void ReadExactly(SafeFileHandle file, Span<byte> destination, long position)
    {
        while (!destination.IsEmpty)
        {
            int read = RandomAccess.Read(file, destination, position);
            if (read == 0)
            {
                throw new DamageException("it ends early");
            }
            destination = destination[read..];
            position += read;
        }
    }

    public void Dispose() => _file.Dispose();
}
