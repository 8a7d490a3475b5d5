using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Kaleidofs.Drivers.Git.Times;

/// <summary>When each path of a commit was last changed, by the digests of the paths.</summary>
internal sealed class PathTimes
{
    /// <summary>Of the file, and of what stands in it: another way to make it is another number.</summary>
    private static ReadOnlySpan<byte> Magic => "KFGITMT1"u8;

    private const int HeaderLength = 16;

    private readonly ulong[] _paths;
    private readonly long[] _seconds;

    public PathTimes(Dictionary<ulong, long> times)
    {
        _paths = [.. times.Keys];
        _seconds = [.. times.Values];
        Array.Sort(_paths, _seconds);
    }

    private PathTimes(ulong[] paths, long[] seconds)
    {
        (_paths, _seconds) = (paths, seconds);
    }

    /// <summary>The digest that stands for a commit's root.</summary>
    public static ulong Root { get; } = Nodes.InodeNumbers.Derive(0, "root"u8);

    /// <summary>The digest of a name in a directory.</summary>
    public static ulong Derive(ulong directory, ReadOnlySpan<byte> name)
    {
        // Inode numbers leave out what this needs, so that two paths are never taken for one.
        ulong hash = directory ^ 0x9e3779b97f4a7c15;
        foreach (byte value in name)
        {
            hash = (hash ^ value) * 0x100000001b3;
            hash ^= hash >> 29;
        }
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        return hash ^ (hash >> 33);
    }

    public bool TryGet(ulong path, out Timestamp time)
    {
        int at = Array.BinarySearch(_paths, path);
        time = new Timestamp(at < 0 ? 0 : _seconds[at]);
        return at >= 0;
    }

    /// <summary>The bytes of a file.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[HeaderLength + (_paths.Length * 16) + SHA256.HashSizeInBytes];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), _paths.Length);
        MemoryMarshal.AsBytes(_paths.AsSpan()).CopyTo(bytes.AsSpan(HeaderLength));
        MemoryMarshal.AsBytes(_seconds.AsSpan()).CopyTo(bytes.AsSpan(HeaderLength + (_paths.Length * 8)));
        SHA256.HashData(bytes.AsSpan(..^SHA256.HashSizeInBytes), bytes.AsSpan(^SHA256.HashSizeInBytes..));
        return bytes;
    }

    /// <summary>From <see cref="ToBytes"/>; null if it is anything else.</summary>
    public static PathTimes? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength + SHA256.HashSizeInBytes || !bytes.StartsWith(Magic)
            || BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) is var count && (count < 0 || count != (bytes.Length - HeaderLength - SHA256.HashSizeInBytes) / 16)
            || !SHA256.HashData(bytes[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(bytes[^SHA256.HashSizeInBytes..]))
        {
            return null;
        }
        ReadOnlySpan<byte> columns = bytes[HeaderLength..^SHA256.HashSizeInBytes];
        return new PathTimes(
            MemoryMarshal.Cast<byte, ulong>(columns[..(columns.Length / 2)]).ToArray(),
            MemoryMarshal.Cast<byte, long>(columns[(columns.Length / 2)..]).ToArray());
    }
}
