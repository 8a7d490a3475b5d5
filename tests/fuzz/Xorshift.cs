using System.Runtime.InteropServices;

namespace Kaleidofs.Tests.Fuzz;

/// <summary>The random numbers of one episode: the same for the same seed, on every machine and runtime (xorshift64*, Vigna 2016).</summary>
internal sealed class Xorshift
{
    // Where fields end, wrap, or change their meaning.
    private static readonly ulong[] Edges =
    [
        0, 1, 2, 3, 7, 8, 15, 16, 39, 40, 41, 64, 127, 128, 255, 256, 511, 512, 1023, 1024, 4095, 4096, 4097, 0x7fff, 0x8000, 0xffff,
        0x10000, 0x10001, 1 << 20, (1 << 20) + 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x100000000, 1ul << 47, 1ul << 62,
        long.MaxValue - 1, long.MaxValue, 1ul << 63, ulong.MaxValue - 4096, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    private ulong _state;

    public Xorshift(ulong seed)
    {
        // SplitMix64 of the seed: neighbours become strangers, and 0 something else.
        ulong mixed = seed + 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        mixed ^= mixed >> 31;
        _state = mixed == 0 ? 1 : mixed;
    }

    public ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }

    /// <summary>From 0 to below <paramref name="end"/>.</summary>
    public int Below(int end) => (int)(((Next() >> 32) * (ulong)end) >> 32);

    /// <summary>Both ends included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;

    public T Of<T>(ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>A number as a guest that wants to hurt would choose it: often small, often at an edge, or anything.</summary>
    public ulong Number() => Below(8) switch
    {
        0 or 1 or 2 => (ulong)Below(5),
        3 => (ulong)Below(1 << 16),
        4 or 5 => Of<ulong>(Edges),
        6 => Of<ulong>(Edges) + (ulong)Below(17) - 8,
        _ => Next() >> Below(64),
    };

    public void Fill(Span<byte> bytes)
    {
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ref ulong word in words)
        {
            word = Next();
        }
        foreach (ref byte rest in bytes[(words.Length * 8)..])
        {
            rest = (byte)Next();
        }
    }

    /// <summary>Fills a struct field by field, not knowing where its fields of 4 and 8 bytes are.</summary>
    public void FillNumbers(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            ulong number = Number();
            Span<byte> field = bytes[..Math.Min(bytes.Length, OneIn(2) ? 4 : 8)];
            for (int i = 0; i < field.Length; i++)
            {
                field[i] = (byte)(number >> (8 * i));
            }
            bytes = bytes[field.Length..];
        }
    }
}
