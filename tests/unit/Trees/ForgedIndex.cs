using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kaleidofs.Trees;

namespace Kaleidofs.Tests.Unit.Trees;

/// <summary>Index files whose checksums are right and whose content is not, as only somebody hostile writes them.</summary>
internal static class ForgedIndex
{
    private static readonly long[] Interesting = [0, 1, -1, 63, 64, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, long.MaxValue, long.MinValue];

    /// <summary>Changes some values of some sections, and makes all checksums right again.</summary>
    public static byte[] Forge(byte[] file, Random random, Func<int, bool>? takes = null)
    {
        byte[] forged = [.. file];
        IndexHeader.Section[] sections = GetSections(forged).ToArray();
        IndexHeader.Section[] candidates = [.. sections.Where(section => section.Length > 0 && (takes?.Invoke(section.Number) ?? true))];
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            IndexHeader.Section section = candidates[random.Next(candidates.Length)];
            Span<byte> content = forged.AsSpan((int)section.Position, (int)section.Length);
            int size = Math.Min(section.ElementSize == 1 ? 8 : section.ElementSize, content.Length);
            int position = random.Next(content.Length / size) * size;
            long value = random.Next(3) == 0 ? random.NextInt64() : Interesting[random.Next(Interesting.Length)];
            MemoryMarshal.AsBytes(new ReadOnlySpan<long>(ref value))[..Math.Min(size, 8)].CopyTo(content[position..]);
        }
        return Seal(forged);
    }

    /// <summary>Makes all checksums right.</summary>
    public static byte[] Seal(byte[] file)
    {
        foreach (ref IndexHeader.Section section in GetSections(file))
        {
            section.Checksum = SectionChecksum.Of(file.AsSpan((int)section.Position, (int)section.Length));
        }
        IndexHeader.Seal(file.AsSpan(0, IndexHeader.Length));
        return file;
    }

    /// <summary>The table of sections, where it stands in the file.</summary>
    public static Span<IndexHeader.Section> GetSections(byte[] file)
        => MemoryMarshal.Cast<byte, IndexHeader.Section>(file.AsSpan(Unsafe.SizeOf<IndexHeader.Fields>(), IndexHeader.Length - Unsafe.SizeOf<IndexHeader.Fields>()))[..MemoryMarshal.Read<IndexHeader.Fields>(file).SectionCount];

    /// <summary>Whether an exception is one that a share answers with EIO, because a file did not say what it should.</summary>
    public static bool IsRefusal(Exception exception) => exception is ArgumentException or IndexOutOfRangeException or InvalidDataException or OverflowException;
}
