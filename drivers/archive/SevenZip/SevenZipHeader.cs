using System.Buffers.Binary;
using System.Security.Cryptography;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>The header of a 7z, which stands at its end and is mostly compressed itself: where content is, and the files.</summary>
/// <param name="streams">Where content is.</param>
/// <param name="files">The files.</param>
/// <param name="digest">SHA-256 of the header.</param>
/// <param name="isEncrypted">Whether a password was needed to read it.</param>
internal sealed class SevenZipHeader(StreamsReader streams, FileTable files, string digest, bool isEncrypted)
{
    /// <summary>The length of what stands at the beginning: the place of the header. Places of packed bytes are told from there.</summary>
    public const int StartLength = 32;

    /// <summary>Files, and what else there is one of for each: more make a header that is longer than what is read.</summary>
    public const int MaxCount = 1 << 22;

    /// <summary>Blocks. What stands in memory for each takes far more than the few bytes that it has in the header.</summary>
    public const int MaxFolders = 1 << 20;

    /// <summary>Of a header as it is: some 100 bytes a file.</summary>
    private const long MaxLength = 256 << 20;

    /// <summary>A header may be packed again; tools pack it once.</summary>
    private const int MaxPackings = 4;

    private const int ChecksumPlace = 8;
    private const int PlacePlace = 12;

    /// <summary>What every 7z begins with.</summary>
    public static ReadOnlySpan<byte> Magic => [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C];

    public StreamsReader Streams { get; } = streams;

    public FileTable Files { get; } = files;

    public string Digest { get; } = digest;

    public bool IsEncrypted { get; } = isEncrypted;

    /// <summary>Whether these bytes begin a 7z.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith(Magic);

    /// <exception cref="SourceException">It is damaged, or encrypted and the password is not the one.</exception>
    public static SevenZipHeader Read(ByteSource file, FolderOpener opener)
    {
        byte[] bytes = ReadAtEnd(file);
        bool isEncrypted = false;
        for (int packings = 0; bytes.Length > 0 && bytes[0] == (byte)SevenZipMark.EncodedHeader; packings++)
        {
            if (packings == MaxPackings)
            {
                throw HeaderCursor.Damaged("it is packed again and again");
            }
            HeaderCursor packed = new(bytes.AsSpan(1));
            StreamsReader streams = new(file.Length - StartLength);
            streams.Read(ref packed);
            PackedFolder folder = streams.Folders.Length == 1 ? streams.Folders[0] : throw HeaderCursor.Damaged("it is packed in no way that is known");
            isEncrypted |= folder.IsEncrypted;
            bytes = Unpack(folder, opener);
        }
        return Parse(bytes, file.Length - StartLength, isEncrypted);
    }

    private static byte[] ReadAtEnd(ByteSource file)
    {
        Span<byte> start = stackalloc byte[StartLength];
        if (file.Length < StartLength || !file.TryRead(0, start))
        {
            throw new SourceException(file.Length < StartLength ? "it is cut off" : "it cannot be read");
        }
        if (BinaryPrimitives.ReadUInt32LittleEndian(start[ChecksumPlace..]) != Crc32.Append(0, start[PlacePlace..]))
        {
            throw new SourceException("it is damaged at its beginning: the checksum there is wrong");
        }
        ulong place = BinaryPrimitives.ReadUInt64LittleEndian(start[PlacePlace..]);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(start[(PlacePlace + 8)..]);
        ulong room = (ulong)(file.Length - StartLength);
        if (place > room || length > room - place)
        {
            throw new SourceException("it is cut off: its list of files, which stands at the end, is not there");
        }
        if (length > MaxLength)
        {
            throw HeaderCursor.Damaged($"it has more than {MaxLength >> 20} MiB");
        }
        byte[] bytes = new byte[length];
        return !file.TryRead(StartLength + (long)place, bytes) ? throw new SourceException("it cannot be read")
            : Crc32.Append(0, bytes) == BinaryPrimitives.ReadUInt32LittleEndian(start[(PlacePlace + 16)..]) ? bytes
            : throw HeaderCursor.Damaged("its checksum is wrong");
    }

    private static byte[] Unpack(PackedFolder folder, FolderOpener opener)
    {
        if (folder.Length > MaxLength)
        {
            throw HeaderCursor.Damaged($"it has more than {MaxLength >> 20} MiB");
        }
        if (!FolderMethods.TryFind(folder, out Codec? codec))
        {
            throw HeaderCursor.Damaged("it is packed in no way that is known");
        }
        ByteRange? data = opener.Open(folder);
        if (data is null)
        {
            throw new SourceException(opener.HasPassword ? "its list of files is encrypted in no way that is known" : $"its list of files is encrypted, and no password was given: {ArchivePassword.HowTo}");
        }
        if (codec is null && data.Value.End - data.Value.Start < folder.Length)
        {
            throw HeaderCursor.Damaged("it is shorter than it says");
        }
        // What is told is only reserved when that much came out.
        using MemoryStream unpacked = new();
        using StreamCursor? cursor = codec?.Open(data.Value, points: null);
        byte[] piece = new byte[DecodedStream.BlockLength];
        bool isGood = true;
        while (isGood && unpacked.Length < folder.Length)
        {
            Span<byte> wanted = piece.AsSpan(0, (int)Math.Min(piece.Length, folder.Length - unpacked.Length));
            int count = wanted.Length;
            isGood = cursor?.TryRead(wanted, out count) ?? data.Value.File.TryRead(data.Value.Start + unpacked.Length, wanted);
            isGood &= count == wanted.Length;
            unpacked.Write(wanted);
        }
        byte[] bytes = isGood ? unpacked.ToArray() : [];
        return isGood && (folder.Crc is not uint crc || crc == Crc32.Append(0, bytes)) ? bytes
            : folder.IsEncrypted ? throw new SourceException($"the password is wrong, or its list of files is damaged: {ArchivePassword.HowTo}")
            : throw HeaderCursor.Damaged("it cannot be decoded");
    }

    private static SevenZipHeader Parse(byte[] bytes, long archiveLength, bool isEncrypted)
    {
        StreamsReader streams = new(archiveLength);
        FileTable? files = null;
        // An archive of nothing has no header at all.
        HeaderCursor cursor = new(bytes.Length == 0 ? [(byte)SevenZipMark.Header, (byte)SevenZipMark.End] : bytes);
        cursor.Expect(SevenZipMark.Header);
        for (SevenZipMark mark = cursor.ReadMark(); mark != SevenZipMark.End; mark = cursor.ReadMark())
        {
            switch (mark)
            {
                case SevenZipMark.MainStreams:
                    streams.Read(ref cursor);
                    break;
                case SevenZipMark.Files:
                    files = FileTable.Read(ref cursor);
                    break;
                case SevenZipMark.ArchiveProperties:
                    while (cursor.ReadMark() != SevenZipMark.End)
                    {
                        cursor.ReadBytes(cursor.ReadLength());
                    }
                    break;
                default:
                    throw HeaderCursor.Damaged("something unknown stands in it");
            }
        }
        files ??= FileTable.None;
        return files.ContentCount == streams.Contents.Length
            ? new SevenZipHeader(streams, files, Convert.ToHexStringLower(SHA256.HashData(bytes)), isEncrypted)
            : throw HeaderCursor.Damaged("it has another number of files than of contents");
    }
}
