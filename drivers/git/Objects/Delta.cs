namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>A delta's instructions: copy a part of the base, or insert what stands here (gitformat-pack, "deltified representation").</summary>
internal static class Delta
{
    /// <summary>The most bytes that the two sizes at the beginning of a delta take.</summary>
    public const int MaxHeaderLength = 20;

    private const int CopyFlag = 0x80;
    private const int DefaultCopyLength = 0x10000;

    /// <summary>The sizes of the base and of the result.</summary>
    /// <returns>How many bytes they took.</returns>
    /// <exception cref="DamageException">There are no such sizes.</exception>
    public static int ReadHeader(ReadOnlySpan<byte> delta, out long baseLength, out long resultLength)
    {
        int at = 0;
        baseLength = ReadSize(delta, ref at);
        resultLength = ReadSize(delta, ref at);
        return at;
    }

    /// <summary>Fills <paramref name="result"/>, which has the length that the header says.</summary>
    /// <exception cref="DamageException">An instruction reaches beyond the base, the delta or the result, or leaves a part of the result out.</exception>
    public static void Apply(ReadOnlySpan<byte> instructions, ReadOnlySpan<byte> source, Span<byte> result)
    {
        int at = 0;
        while (at < instructions.Length)
        {
            int code = instructions[at++];
            ReadOnlySpan<byte> part;
            if ((code & CopyFlag) != 0)
            {
                uint offset = 0;
                int length = 0;
                for (int i = 0; i < 7; i++)
                {
                    if ((code & (1 << i)) == 0)
                    {
                        continue;
                    }
                    if (at == instructions.Length)
                    {
                        throw new DamageException("a delta ends within an instruction");
                    }
                    uint value = instructions[at++];
                    if (i < 4)
                    {
                        offset |= value << (8 * i);
                    }
                    else
                    {
                        length |= (int)(value << (8 * (i - 4)));
                    }
                }
                length = length == 0 ? DefaultCopyLength : length;
                if (offset > (uint)source.Length || length > source.Length - (int)offset)
                {
                    throw new DamageException("a delta copies from beyond its base");
                }
                part = source.Slice((int)offset, length);
            }
            else
            {
                if (code == 0 || code > instructions.Length - at)
                {
                    throw new DamageException("a delta has an instruction that there is not, or ends within one");
                }
                part = instructions.Slice(at, code);
                at += code;
            }
            if (part.Length > result.Length)
            {
                throw new DamageException("a delta makes more than it says");
            }
            part.CopyTo(result);
            result = result[part.Length..];
        }
        if (!result.IsEmpty)
        {
            throw new DamageException("a delta makes less than it says");
        }
    }

    private static long ReadSize(ReadOnlySpan<byte> delta, ref int at)
    {
        long size = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            if (at == delta.Length)
            {
                break;
            }
            byte value = delta[at++];
            size |= (long)(value & 0x7f) << shift;
            if ((value & 0x80) == 0)
            {
                return size;
            }
        }
        throw new DamageException("a delta has no sizes");
    }
}
