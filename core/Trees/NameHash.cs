using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Kaleidofs.Trees;

/// <summary>
/// Hashes a name in a directory with a key that is drawn for each table: whoever writes an archive cannot choose names
/// that collide.
/// </summary>
internal static class NameHash
{
    /// <summary>Words of a key.</summary>
    public const int KeyLength = 4;

    public static uint Compute(ulong[] key, int parent, ReadOnlySpan<byte> name) => (uint)(ComputeLong(key, (uint)parent, name) >> 32);

    /// <summary>All 64 bits of it.</summary>
    public static ulong ComputeLong(ulong[] key, ulong parent, ReadOnlySpan<byte> name)
    {
        ulong hash = Fold(parent ^ key[0], (uint)name.Length ^ key[1]);
        while (name.Length >= sizeof(ulong))
        {
            hash = Fold(BinaryPrimitives.ReadUInt64LittleEndian(name) ^ key[2], hash ^ key[3]);
            name = name[sizeof(ulong)..];
        }
        ulong rest = 0;
        for (int i = 0; i < name.Length; i++)
        {
            rest |= (ulong)name[i] << (8 * i);
        }
        return Fold(rest ^ key[2], hash ^ key[1]);
    }

    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }

    public static ulong[] DrawKey()
    {
        // A new GUID is 122 bits of the kernel's random numbers, and loads no cryptography library for them.
        Guid[] random = [Guid.NewGuid(), Guid.NewGuid()];
        return MemoryMarshal.Cast<Guid, ulong>(random).ToArray();
    }
}
