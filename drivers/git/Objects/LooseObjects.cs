using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>Objects in a file each, objects/12/3456...</summary>
internal static class LooseObjects
{
    /// <summary>Kind, size and a NUL stand in the first bytes.</summary>
    private const int MaxHeader = 32;

    private const long MaxRatio = 1032;

    /// <summary>The object, or null if there is none.</summary>
    /// <exception cref="DamageException">It is damaged.</exception>
    public static ObjectStream? Open(string directory, in ObjectId id, ObjectFormat format)
    {
        string hex = id.ToHex(format);
        SafeFileHandle file;
        try
        {
            file = File.OpenHandle(Path.Combine(directory, hex[..2], hex[2..]));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        ZLibStream? inflater = null;
        try
        {
            long length = RandomAccess.GetLength(file);
            inflater = new ZLibStream(new RangeStream(file, 0, length), CompressionMode.Decompress);
            byte[] head = new byte[MaxHeader];
            int read = inflater.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            int start = ParseHeader(head.AsSpan(0, read), out ObjectKind kind, out long size);
            if (size > length * MaxRatio || read - start > size)
            {
                throw new DamageException("its content has another length than it says");
            }
            return new ObjectStream(kind, size, inflater, head.AsMemory(start, read - start), file);
        }
        catch (Exception exception)
        {
            inflater?.Dispose();
            file.Dispose();
            throw exception is InvalidDataException ? new DamageException($"it cannot be inflated: {exception.Message}") : exception;
        }
    }

    /// <summary>Those whose names begin with these digits, of which there are two at least.</summary>
    public static IEnumerable<ObjectId> Find(string directory, string digits, ObjectFormat format)
    {
        string[] files;
        try
        {
            files = Directory.GetFiles(Path.Combine(directory, digits[..2]), digits[2..] + "*");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        foreach (string file in files)
        {
            if (ObjectId.TryParse(Encoding.UTF8.GetBytes(digits[..2] + Path.GetFileName(file)), format, out ObjectId id))
            {
                yield return id;
            }
        }
    }

    private static int ParseHeader(ReadOnlySpan<byte> head, out ObjectKind kind, out long size)
    {
        int end = head.IndexOf((byte)0);
        int blank = head.IndexOf((byte)' ');
        kind = blank < 0 || end < blank ? ObjectKind.None : ObjectKindNames.Parse(head[..blank]);
        size = 0;
        if (kind == ObjectKind.None || !Utf8Parser.TryParse(head[(blank + 1)..end], out size, out int used) || used != end - blank - 1 || size < 0)
        {
            throw new DamageException("it does not begin as an object does");
        }
        return end + 1;
    }
}
