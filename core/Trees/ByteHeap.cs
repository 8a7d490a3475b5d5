using System.Numerics;
using Kaleidofs.Caching;

namespace Kaleidofs.Trees;

/// <summary>Names, link targets and other byte strings, end to end in chunks; a string never spans two.</summary>
internal sealed class ByteHeap
{
    private const int ChunkBits = 20;
    private const int ChunkLength = 1 << ChunkBits;
    private const int FirstLength = 256;

    /// <summary>Offsets are 32 bits wide.</summary>
    private const long MaxLength = 1L << 32;

    // A heap of an index file: the chunks end to end, all but the last of their whole length.
    private readonly MappedArray<byte>? _mapped;
    private readonly ReadOnlyMemory<byte> _memory;

    private byte[][] _chunks = [new byte[FirstLength]];
    private int _chunk;
    private int _used;

    public ByteHeap()
    {
    }

    public ByteHeap(IndexFile file, int section)
    {
        _mapped = file.GetArray<byte>(section);
        _memory = file.GetBytes(section);
        _chunks = [];
    }

    /// <summary>Whether it was built here, and is short enough for a section.</summary>
    public bool CanSave => _mapped is null && ((long)_chunk + 1) << ChunkBits <= Array.MaxLength;

    /// <summary>Adds a name, its length in the byte before it.</summary>
    public uint AddName(ReadOnlySpan<byte> name)
    {
        Span<byte> space = Reserve(1 + name.Length, out uint offset);
        space[0] = (byte)name.Length;
        name.CopyTo(space[1..]);
        return offset;
    }

    public ReadOnlySpan<byte> GetName(uint offset)
    {
        if (_mapped is not null)
        {
            // An offset beyond 2 GiB is a negative index, and refused like any other that is outside.
            ReadOnlySpan<byte> all = _mapped.Span[(int)offset..];
            return all.Slice(1, all[0]);
        }
        byte[] chunk = _chunks[offset >> ChunkBits];
        int start = (int)(offset & (ChunkLength - 1));
        return chunk.AsSpan(start + 1, chunk[start]);
    }

    /// <summary>Adds bytes whose length the caller remembers; at most a chunk.</summary>
    public uint Add(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length, out uint offset));
        return offset;
    }

    public ReadOnlyMemory<byte> Get(uint offset, int length)
        => _mapped is not null
            ? _memory.Slice((int)offset, length)
            : _chunks[offset >> ChunkBits].AsMemory((int)(offset & (ChunkLength - 1)), length);

    public void Save(IndexWriter writer, int section)
        => writer.Add(section, _chunk + 1, chunk => _chunks[chunk].AsMemory(0, chunk < _chunk ? ChunkLength : _used));

    private Span<byte> Reserve(int length, out uint offset)
    {
        if (_used + length > _chunks[_chunk].Length)
        {
            Grow(length);
        }
        offset = ((uint)_chunk << ChunkBits) + (uint)_used;
        Span<byte> space = _chunks[_chunk].AsSpan(_used, length);
        _used += length;
        return space;
    }

    private void Grow(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, ChunkLength);
        if (_used + length <= ChunkLength && _chunks[_chunk].Length < ChunkLength)
        {
            int grown = (int)BitOperations.RoundUpToPowerOf2((uint)(_used + length));
            Array.Resize(ref _chunks[_chunk], grown);
            return;
        }
        if (((long)_chunk + 2) << ChunkBits > MaxLength)
        {
            throw new SourceException("the names of all entries take more than 4 GiB: too many for one tree");
        }
        _chunk++;
        _used = 0;
        Array.Resize(ref _chunks, _chunk + 1);
        _chunks[_chunk] = new byte[ChunkLength];
    }
}
