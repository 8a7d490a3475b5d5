using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>A copy that the server makes by itself (MS-SMB2 2.2.31.1, 2.2.32.1).</summary>
internal static class CopyChunks
{
    public const uint ResumeKeyControl = 0x00140078;
    public const int MaxResumeKey = 32;

    /// <summary>The destination needs not be readable.</summary>
    public const uint Control = 0x001480F2;
    public const int AnswerSize = 12;

    /// <summary>As much as any server takes at once.</summary>
    public const long MaxLength = 16 << 20;

    private const int KeySize = 24;
    private const int FixedSize = 32;
    private const int ChunkSize = 24;
    private const long MaxChunk = 1 << 20;

    /// <summary>Null if the key is none.</summary>
    public static byte[]? TryWrite(ReadOnlySpan<byte> key, long from, long to, long length)
    {
        if (key.Length < KeySize)
        {
            return null;
        }
        int count = (int)((length + MaxChunk - 1) / MaxChunk);
        byte[] input = new byte[FixedSize + (count * ChunkSize)];
        key[..KeySize].CopyTo(input);
        BinaryPrimitives.WriteInt32LittleEndian(input.AsSpan(KeySize), count);
        for (int index = 0; index < count; index++)
        {
            Span<byte> chunk = input.AsSpan(FixedSize + (index * ChunkSize));
            BinaryPrimitives.WriteInt64LittleEndian(chunk, from + (index * MaxChunk));
            BinaryPrimitives.WriteInt64LittleEndian(chunk[8..], to + (index * MaxChunk));
            BinaryPrimitives.WriteInt32LittleEndian(chunk[16..], (int)Math.Min(MaxChunk, length - (index * MaxChunk)));
        }
        return input;
    }

    /// <summary>How many bytes were copied; -1 for an answer that is none.</summary>
    public static long ReadTotal(ReadOnlySpan<byte> answer, long length)
        => answer.Length >= AnswerSize && BinaryPrimitives.ReadUInt32LittleEndian(answer[8..]) is var total && total <= length ? total : -1;
}
