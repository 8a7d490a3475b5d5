using Kaleidofs.Drivers.Archive.Ranges;

namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>A volume descriptor: where a tree of directories begins.</summary>
/// <param name="Descriptor">The descriptor.</param>
/// <param name="BlockLength">The unit of positions.</param>
/// <param name="Length">How many bytes the volume says it has.</param>
/// <param name="SequenceNumber">Which volume of its set it is.</param>
internal sealed record IsoVolume(byte[] Descriptor, int BlockLength, long Length, ushort SequenceNumber)
{
    private const byte Primary = 1;
    private const byte Supplementary = 2;
    private const int RootOffset = 156;

    /// <summary>More than any image has: a row without end is none.</summary>
    private const int MaxDescriptors = 64;

    /// <summary>The root directory's record.</summary>
    public IsoRecord Root => new(Descriptor.AsSpan(RootOffset, IsoRecord.MinLength), 0);

    /// <summary>Whether its names are in UCS-2 (Joliet), which its escape sequences tell.</summary>
    private bool IsJoliet => Descriptor.AsSpan(88, 3) is var escape
        && (escape.SequenceEqual("%/@"u8) || escape.SequenceEqual("%/C"u8) || escape.SequenceEqual("%/E"u8));

    /// <summary>Reads the descriptors: the first primary one, the first of Joliet if there is one, and whether there is UDF.</summary>
    /// <exception cref="SourceException">There is no primary one, or it is damaged.</exception>
    public static IsoVolume Find(PositionedInput input, out IsoVolume? joliet, out bool hasUdf)
    {
        IsoVolume? primary = null;
        joliet = null;
        hasUdf = false;
        bool isDamaged = false;
        for (int i = 0; i < MaxDescriptors; i++)
        {
            byte[] descriptor = new byte[IsoFormat.SectorLength];
            if (!input.TryRead(IsoFormat.SystemAreaLength + (i * IsoFormat.SectorLength), descriptor)
                || !(IsoFormat.IsStandard(descriptor) || IsoFormat.IsExtended(descriptor)))
            {
                break;
            }
            hasUdf |= IsoFormat.IsUdf(descriptor);
            byte type = IsoFormat.IsStandard(descriptor) ? descriptor[0] : (byte)0;
            if (type is Primary or Supplementary)
            {
                IsoVolume? volume = Read(descriptor);
                isDamaged |= type == Primary && volume is null;
                primary ??= type == Primary ? volume : null;
                joliet ??= type == Supplementary && volume is { IsJoliet: true } ? volume : null;
            }
        }
        return primary ?? throw new SourceException(
            isDamaged ? $"{input.Path}: its volume descriptor is damaged: its two copies of a number differ, or make no sense"
            : hasUdf ? $"{input.Path}: a UDF image without an ISO 9660 volume: UDF is not read"
            : $"{input.Path}: an image without a primary volume, or damaged at its beginning");
    }

    /// <summary>Where a block begins.</summary>
    public long GetPosition(long block) => block * BlockLength;

    private static IsoVolume? Read(byte[] descriptor)
    {
        bool isGood = IsoFormat.TryReadBoth32(descriptor.AsSpan(80), out uint blocks);
        isGood &= IsoFormat.TryReadBoth16(descriptor.AsSpan(124), out ushort sequenceNumber);
        isGood &= IsoFormat.TryReadBoth16(descriptor.AsSpan(128), out ushort blockLength);
        isGood &= blockLength is 512 or 1024 or IsoFormat.SectorLength;
        IsoVolume volume = new(descriptor, blockLength, (long)blocks * blockLength, sequenceNumber);
        return isGood && volume.Root.AgreesWithItself && volume.Root.IsDirectory ? volume : null;
    }
}
