using System.Buffers.Text;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>What a further volume of a tar (<c>tar -M</c>) begins with: its label, and a header of its own for the rest of the file that the volume before ends in.</summary>
/// <param name="Length">How many bytes stand before that rest; 0 if an entry begins here.</param>
/// <param name="Name">The file's path, or as much of it as a header has room for; empty if there is no such file.</param>
/// <param name="Left">How many bytes are left of its content.</param>
internal readonly record struct VolumeStart(long Length, byte[] Name, long Left)
{
    /// <summary>The name field of a header: a longer path is cut off there.</summary>
    public const int MaxName = 100;

    private const int MaxHeaders = 8;
    private const int MaxRecords = 64 << 10;

    private static readonly VolumeStart None = new(0, [], 0);

    /// <summary>Reads the headers at a volume's beginning.</summary>
    public static VolumeStart Read(ByteSource volume)
    {
        byte[] block = new byte[TarHeader.BlockLength];
        long position = 0;
        VolumeStart told = None;
        for (int count = 0; count < MaxHeaders && position <= volume.Length - block.Length && volume.TryRead(position, block); count++)
        {
            TarHeader header = new(block);
            if (!header.HasValidChecksum() || !header.TryGetSize(out long size))
            {
                return None;
            }
            position += block.Length;
            switch (header.Type)
            {
                case TarType.GnuVolumeLabel:
                    break;
                case TarType.GnuContinued:
                    return new VolumeStart(position, header.Name.ToArray(), size);
                case TarType.PaxGlobalHeader or TarType.PaxHeader when size <= MaxRecords:
                    byte[] records = new byte[size];
                    if (!volume.TryRead(position, records))
                    {
                        return None;
                    }
                    told = header.Type == TarType.PaxGlobalHeader ? Parse(records) : told;
                    position += (size + block.Length - 1) / block.Length * block.Length;
                    break;
                default:
                    // The rest has a header like any file's, with a name that GNU's tar makes up.
                    return told.Name.Length > 0 ? told with { Length = position } : None;
            }
        }
        return None;
    }

    /// <summary>Whether this goes on with a file.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="left">How many bytes of its content are not in the volumes before.</param>
    public bool Continues(ReadOnlySpan<byte> path, long left)
        => Name.Length > 0 && Left == left && (Name.Length < MaxName ? path.SequenceEqual(Name) : path.StartsWith(Name));

    private static VolumeStart Parse(ReadOnlySpan<byte> records)
    {
        byte[] name = [];
        long left = -1;
        while (Utf8Parser.TryParse(records, out int length, out int digits) && length > digits + 1 && length <= records.Length)
        {
            ReadOnlySpan<byte> record = records[(digits + 1)..(length - 1)];
            if (record.StartsWith("GNU.volume.filename="u8))
            {
                name = record["GNU.volume.filename=".Length..].ToArray();
            }
            else if (record.StartsWith("GNU.volume.size="u8) && Utf8Parser.TryParse(record["GNU.volume.size=".Length..], out long value, out _))
            {
                left = value;
            }
            records = records[length..];
        }
        return left >= 0 ? new VolumeStart(0, name, left) : None;
    }
}
