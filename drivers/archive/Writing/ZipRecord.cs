using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;
using Kaleidofs.Drivers.Archive.Zip;

namespace Kaleidofs.Drivers.Archive.Writing;

/// <summary>A new entry's two headers (APPNOTE 4.3.7 and 4.3.12).</summary>
internal sealed class ZipRecord
{
    private const ushort VersionPlain = 20;
    private const ushort VersionZip64 = 45;
    private const ushort MadeByUnix = (ZipFormat.HostUnix << 8) | 30;

    private readonly byte[] _name;
    private readonly byte[] _extra;
    private readonly Attributes _attributes;
    private readonly bool _isWide;

    /// <param name="entry">The entry.</param>
    /// <param name="offset">Where its local header is, counted from the archive's beginning.</param>
    /// <param name="size">How long its content is.</param>
    /// <exception cref="SourceException">A zip cannot have it.</exception>
    public ZipRecord(ChangedEntry entry, long offset, long size)
    {
        _attributes = entry.Attributes;
        _name = _attributes.IsDirectory ? [.. entry.Path.Span, (byte)'/'] : entry.Path.ToArray();
        if (!Utf8.IsValid(_name))
        {
            throw ArchiveCommit.Fail(entry, "its name is no UTF-8, and a zip has no other names");
        }
        if (_name.Length > ushort.MaxValue)
        {
            throw ArchiveCommit.Fail(entry, "its path is longer than a zip's can be");
        }
        Offset = offset;
        Size = size;
        // What is stored if it does not get shorter is never longer than that.
        _isWide = size >= ZipFormat.InZip64;
        _extra = MakeExtra(_attributes);
    }

    public long Offset { get; }

    public long Size { get; }

    public long CompressedSize { get; set; }

    public uint Crc { get; set; }

    public ushort Method { get; set; }

    /// <summary>The local header, of the same length whatever the content turns out to be.</summary>
    public byte[] GetLocalHeader()
    {
        byte[] zip64 = _isWide ? MakeZip64(Size, CompressedSize) : [];
        byte[] header = new byte[ZipFormat.LocalHeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(header, ZipFormat.LocalHeaderSignature);
        WriteCommon(header.AsSpan(4), zip64.Length, _isWide, _isWide);
        return [.. header, .. _name, .. zip64, .. _extra];
    }

    /// <summary>The record of the central directory.</summary>
    public byte[] GetCentralRecord()
    {
        bool isCompressedWide = CompressedSize >= ZipFormat.InZip64;
        bool isFar = Offset >= ZipFormat.InZip64;
        List<long> numbers = [];
        if (_isWide)
        {
            numbers.Add(Size);
        }
        if (isCompressedWide)
        {
            numbers.Add(CompressedSize);
        }
        if (isFar)
        {
            numbers.Add(Offset);
        }
        byte[] zip64 = numbers.Count > 0 ? MakeZip64([.. numbers]) : [];
        byte[] record = new byte[ZipFormat.CentralHeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(record, ZipFormat.CentralHeaderSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(4), MadeByUnix);
        WriteCommon(record.AsSpan(6), zip64.Length, _isWide, isCompressedWide);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(38), (_attributes.Mode << 16) | (_attributes.IsDirectory ? ZipFormat.DosDirectory : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(42), isFar ? ZipFormat.InZip64 : (uint)Offset);
        return [.. record, .. _name, .. zip64, .. _extra];
    }

    /// <summary>What both headers have, from the version that is needed on.</summary>
    private void WriteCommon(Span<byte> header, int zip64Length, bool isSizeWide, bool isCompressedWide)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(header, zip64Length > 0 ? VersionZip64 : VersionPlain);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], Ascii.IsValid(_name) ? (ushort)0 : ZipFormat.NameIsUtf8);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], Method);
        DosTime.Write(header[6..], _attributes.ModificationTime);
        BinaryPrimitives.WriteUInt32LittleEndian(header[10..], Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(header[14..], isCompressedWide ? ZipFormat.InZip64 : (uint)CompressedSize);
        BinaryPrimitives.WriteUInt32LittleEndian(header[18..], isSizeWide ? ZipFormat.InZip64 : (uint)Size);
        BinaryPrimitives.WriteUInt16LittleEndian(header[22..], (ushort)_name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[24..], (ushort)(zip64Length + _extra.Length));
    }

    private static byte[] MakeZip64(params ReadOnlySpan<long> numbers)
    {
        byte[] content = new byte[numbers.Length * sizeof(long)];
        for (int i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(content.AsSpan(i * sizeof(long)), numbers[i]);
        }
        return ZipExtraFields.Make(ZipExtraFields.Zip64, content);
    }

    private static byte[] MakeExtra(in Attributes attributes)
        => [.. ZipExtraFields.MakeModificationTime(attributes.ModificationTime), .. ZipExtraFields.MakeOwner(attributes.UserId, attributes.GroupId)];
}
