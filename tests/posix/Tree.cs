using System.Buffers.Binary;
using System.Text;

namespace Kaleidofs.Tests.Posix;

/// <summary>The mounted fixture, and the readings that many cases make of it.</summary>
public sealed class Tree(string root)
{
    /// <summary>The mount point.</summary>
    public string Root { get; } = root;

    /// <summary>A path below the mount point; one character per byte.</summary>
    public string this[string path] => Root + "/" + path;

    internal StatBuffer Stat(string path, int flags = Libc.AT_SYMLINK_NOFOLLOW)
    {
        Check.Succeeds(Libc.Stat(this[path], out StatBuffer stat, flags), $"stat {path}");
        return stat;
    }

    internal int Open(string path, int flags = Libc.O_RDONLY) => (int)Check.Succeeds(Libc.Open(this[path], flags), $"open {path}");

    internal byte[] Content(string path)
    {
        int file = Open(path);
        using var content = new MemoryStream();
        byte[] buffer = new byte[65536];
        while (Check.Succeeds(Libc.Read(file, buffer), $"read {path}") is > 0 and var count)
            content.Write(buffer, 0, (int)count);
        Libc.Close(file);
        return content.ToArray();
    }

    /// <summary>The whole listing, '.' and '..' with it, read <paramref name="size"/> bytes at a time.</summary>
    internal List<DirectoryEntry> List(string path, int size = 32768)
    {
        int folder = Open(path, Libc.O_DIRECTORY);
        List<DirectoryEntry> entries = ListOpen(folder, size);
        Libc.Close(folder);
        return entries;
    }

    /// <summary>What is left of an open directory's listing.</summary>
    internal static List<DirectoryEntry> ListOpen(int folder, int size = 32768)
    {
        var entries = new List<DirectoryEntry>();
        while (ListSome(folder, size) is { Count: > 0 } more)
            entries.AddRange(more);
        return entries;
    }

    /// <summary>One getdents64.</summary>
    internal static List<DirectoryEntry> ListSome(int folder, int size)
    {
        byte[] buffer = new byte[size];
        int count = (int)Check.Succeeds(Libc.ReadDirectory(folder, buffer), "getdents64");
        var entries = new List<DirectoryEntry>();
        for (int at = 0; at < count;)
        {
            ReadOnlySpan<byte> record = buffer.AsSpan(at, BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(at + 16)));
            ReadOnlySpan<byte> name = record[19..];
            entries.Add(new DirectoryEntry(
                Encoding.Latin1.GetString(name[..name.IndexOf((byte)0)]),
                BinaryPrimitives.ReadUInt64LittleEndian(record),
                BinaryPrimitives.ReadInt64LittleEndian(record[8..]),
                record[18]));
            at += record.Length;
        }
        return entries;
    }

    /// <summary>The names that a listing has beside '.' and '..', sorted.</summary>
    internal static string[] Names(IEnumerable<DirectoryEntry> entries) =>
        [.. entries.Select(entry => entry.Name).Where(name => name is not ("." or "..")).Order(StringComparer.Ordinal)];
}
