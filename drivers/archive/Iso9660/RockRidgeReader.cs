using System.Security.Cryptography;
using Kaleidofs.Drivers.Archive.Ranges;

namespace Kaleidofs.Drivers.Archive.Iso9660;

/// <summary>Reads what Rock Ridge (IEEE P1282) has put into directory records by the System Use Sharing Protocol (IEEE P1281), and where they had no room.</summary>
internal sealed class RockRidgeReader(ByteSource bytes, IsoVolume volume, OpeningProgress progress, IncrementalHash digest)
{
    /// <summary>Continuations of one record: one is usual, more are needed for very long targets and attributes; a ring of them has no end.</summary>
    private const int MaxContinuations = 64;

    private const int MaxAreaLength = 64 << 10;

    /// <summary>What a continuation costs beside its bytes.</summary>
    private const int ContinuationCost = 256;

    private const int HeaderLength = 4;

    /// <summary>What says that the protocol is used.</summary>
    private static ReadOnlySpan<byte> Indicator => [(byte)'S', (byte)'P', 7, 1, 0xBE, 0xEF];

    private readonly PositionedInput _input = new(bytes, IsoFormat.SectorLength, progress);
    // Records may share continuations, but honest ones have no more of them than an image has room for.
    private long _budget = (64L << 20) + (2 * bytes.Length);
    private byte[] _area = [];

    /// <summary>Finds out from the root's own record whether the protocol is used; how many bytes of other records are before it, or -1.</summary>
    public static int FindSkip(ReadOnlySpan<byte> systemUse)
    {
        // In the form for CD-ROM XA it stands behind that.
        const int ExtendedArchitecture = 14;
        foreach (int offset in (ReadOnlySpan<int>)[0, ExtendedArchitecture])
        {
            if (systemUse.Length >= offset + 7 && systemUse.Slice(offset, 6).SequenceEqual(Indicator))
            {
                return systemUse[offset + 6];
            }
        }
        return -1;
    }

    /// <summary>Reads a record's area and what it goes on with.</summary>
    public void Read(ReadOnlySpan<byte> systemUse, RockRidgeEntry entry)
    {
        entry.Clear();
        (long Position, int Length)? next = ReadArea(systemUse, entry);
        for (int i = 0; next is (long position, int length); i++)
        {
            _budget -= length + ContinuationCost;
            if (i == MaxContinuations || _budget < 0)
            {
                entry.Problem = "its Rock Ridge fields go on without end";
                return;
            }
            if (_area.Length < length)
            {
                _area = new byte[length];
            }
            Span<byte> area = _area.AsSpan(0, length);
            if (!_input.TryRead(position, area))
            {
                entry.Problem = "its Rock Ridge fields lie outside the image";
                return;
            }
            digest.AppendData(area);
            next = ReadArea(area, entry);
        }
    }

    /// <summary>Reads one area; returns where it goes on.</summary>
    private (long Position, int Length)? ReadArea(ReadOnlySpan<byte> area, RockRidgeEntry entry)
    {
        (long, int)? next = null;
        while (area.Length >= HeaderLength && area[0] != 0)
        {
            int length = area[2];
            if (length < HeaderLength || length > area.Length)
            {
                entry.Problem = "its Rock Ridge fields are damaged";
                break;
            }
            ReadOnlySpan<byte> signature = area[..2];
            ReadOnlySpan<byte> content = area[HeaderLength..length];
            area = area[length..];
            if (signature.SequenceEqual("ST"u8))
            {
                break;
            }
            if (signature.SequenceEqual("CE"u8))
            {
                next = ReadContinuation(content, entry);
            }
            else if (!RockRidgeFields.TryRead(signature, content, entry))
            {
                entry.Problem = $"its Rock Ridge field {(char)signature[0]}{(char)signature[1]} is damaged";
            }
        }
        return next;
    }

    private (long Position, int Length)? ReadContinuation(ReadOnlySpan<byte> content, RockRidgeEntry entry)
    {
        if (content.Length < 24 || !IsoFormat.TryReadBoth32(content, out uint block) || !IsoFormat.TryReadBoth32(content[8..], out uint offset)
            || !IsoFormat.TryReadBoth32(content[16..], out uint length) || length > MaxAreaLength)
        {
            entry.Problem = "its Rock Ridge field CE is damaged";
            return null;
        }
        return (volume.GetPosition(block) + offset, (int)length);
    }
}
