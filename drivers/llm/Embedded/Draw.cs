using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Kaleidofs.Drivers.Llm.Embedded;

/// <summary>Numbers that a text determines: the same on every machine, in every version of .NET (SplitMix64, seeded by SHA-256).</summary>
internal sealed class Draw
{
    private ulong _state;

    public Draw(params ReadOnlySpan<string> seed) => _state = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', seed))));

    /// <summary>From <paramref name="least"/> to <paramref name="most"/>, both included.</summary>
    public int Next(int least, int most) => least + (int)(Next() % (ulong)(most - least + 1));

    public bool Chance(int percent) => Next(0, 99) < percent;

    public T Pick<T>(IReadOnlyList<T> from) => from[Next(0, from.Count - 1)];

    /// <summary>Some of a list, each once, in an order of its own.</summary>
    public List<T> PickSome<T>(IReadOnlyList<T> from, int count)
    {
        List<T> rest = [.. from];
        List<T> picked = [];
        while (picked.Count < count && rest.Count > 0)
        {
            int index = Next(0, rest.Count - 1);
            picked.Add(rest[index]);
            rest.RemoveAt(index);
        }
        return picked;
    }

    private ulong Next()
    {
        ulong mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
