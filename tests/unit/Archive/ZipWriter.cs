using System.IO.Compression;
using System.Text;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Writes zips byte by byte, so that tests can write what no tool would.</summary>
internal sealed class ZipWriter
{
    private readonly List<byte> _file = [];
    private readonly List<ZipWriterEntry> _entries = [];

    public byte[] Comment { get; set; } = [];

    /// <summary>Bytes written so far: where the next local header goes.</summary>
    public long Position => _file.Count;

    public ZipWriter WritePrefix(ReadOnlySpan<byte> bytes)
    {
        _file.AddRange(bytes);
        return this;
    }

    public ZipWriterEntry Add(string name, string content = "", ushort method = 0) => Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(content), method);

    public ZipWriterEntry Add(byte[] name, byte[] content, ushort method = 0)
    {
        ZipWriterEntry entry = new(name, content, method) { Offset = (uint)_file.Count };
        _entries.Add(entry);
        return entry;
    }

    /// <summary>Writes the local header and the data of what was added and not yet written. Change entries before.</summary>
    public ZipWriter Flush()
    {
        foreach (ZipWriterEntry entry in _entries)
        {
            if (!entry.IsWritten)
            {
                entry.Offset = (uint)_file.Count;
                _file.AddRange(entry.GetLocal());
            }
        }
        return this;
    }

    public byte[] ToArray(byte[]? beforeEnd = null)
    {
        Flush();
        uint start = (uint)_file.Count;
        foreach (ZipWriterEntry entry in _entries)
        {
            _file.AddRange(entry.GetCentral());
        }
        uint length = (uint)_file.Count - start;
        _file.AddRange(beforeEnd ?? []);
        using MemoryStream end = new();
        using BinaryWriter writer = new(end);
        writer.Write(0x06054b50u);
        writer.Write(0u);
        writer.Write((ushort)_entries.Count);
        writer.Write((ushort)_entries.Count);
        writer.Write(length);
        writer.Write(start);
        writer.Write((ushort)Comment.Length);
        writer.Write(Comment);
        return [.. _file, .. end.ToArray()];
    }

    public static byte[] Deflate(byte[] content, CompressionLevel level = CompressionLevel.Optimal)
    {
        MemoryStream compressed = new();
        using (DeflateStream deflate = new(compressed, level, leaveOpen: true))
        {
            deflate.Write(content);
        }
        return compressed.ToArray();
    }
}
