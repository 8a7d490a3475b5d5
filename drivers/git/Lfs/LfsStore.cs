using System.Collections.Concurrent;
using System.Security.Cryptography;
using Kaleidofs.Drivers.Git.Objects;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Git.Lfs;

/// <summary>Files that Git LFS has fetched for a repository (<c>lfs/objects</c> in it). Its calls may wait for a disk.</summary>
internal sealed class LfsStore(string repository, DamageLog log)
{
    /// <summary>Files up to this are held against their digest before anything of them is given; of longer ones the length is.</summary>
    private const long MaxVerified = 64 << 20;

    private const int MaxRemembered = 1 << 16;
    private const int BufferLength = 128 << 10;

    private readonly ConcurrentDictionary<string, bool> _verified = new();

    /// <summary>Whether the file is there, and as long as its pointer says.</summary>
    public bool Has(LfsPointer pointer)
    {
        try
        {
            return new FileInfo(GetPath(pointer)) is { Exists: true } file && file.Length == pointer.Size;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Reads a part of a file that is within its size.</summary>
    public Errno Read(LfsPointer pointer, long offset, int count, PayloadWriter destination)
    {
        string path = GetPath(pointer);
        try
        {
            using SafeFileHandle file = File.OpenHandle(path);
            if (!Verify(file, pointer))
            {
                log.Write($"{path}: it is not the file that its name says; 'git lfs fsck' tells more");
                return Errno.EIO;
            }
            for (long end = offset + count; offset < end;)
            {
                Span<byte> span = destination.GetSpan();
                int read = RandomAccess.Read(file, span[..(int)Math.Min(span.Length, end - offset)], offset);
                if (read == 0)
                {
                    log.Write($"{path}: it ends early");
                    return Errno.EIO;
                }
                destination.Advance(read);
                offset += read;
            }
            return Errno.None;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            log.Write($"{path}: cannot be read: {exception.Message}; 'git lfs fetch' gets what is missing");
            return Errno.EIO;
        }
    }

    private bool Verify(SafeFileHandle file, LfsPointer pointer)
    {
        if (RandomAccess.GetLength(file) != pointer.Size)
        {
            return false;
        }
        if (pointer.Size > MaxVerified || _verified.ContainsKey(pointer.Digest))
        {
            return true;
        }
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ObjectBuffer.Pool.Rent(BufferLength);
        try
        {
            int read;
            for (long at = 0; (read = RandomAccess.Read(file, buffer, at)) > 0; at += read)
            {
                hash.AppendData(buffer, 0, read);
            }
        }
        finally
        {
            ObjectBuffer.Pool.Return(buffer);
        }
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != pointer.Digest)
        {
            return false;
        }
        if (_verified.Count < MaxRemembered)
        {
            _verified.TryAdd(pointer.Digest, true);
        }
        return true;
    }

    private string GetPath(LfsPointer pointer) => Path.Combine(repository, "lfs", "objects", pointer.Digest[..2], pointer.Digest[2..4], pointer.Digest);
}
