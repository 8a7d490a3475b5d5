using System.Text;

namespace Kaleidofs.Tests.Bench.Archive;

/// <summary>Writes zips of very many entries, a byte in each, with Unix modes and extended timestamps, as Info-ZIP does.</summary>
internal static class StoredZip
{
    private const uint Content = 'x';
    /// <summary>The CRC-32 of that one byte.</summary>
    private const uint ContentCrc = 0x8CDC1683;
    private const int LocalLength = 30 + 9;
    private const uint DosTime = 0x58216000;

    public static void Write(string path, int entries, int directories)
    {
        string records = path + ".records";
        using (FileStream file = new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20))
        {
            using FileStream directory = new(records, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20, FileOptions.DeleteOnClose);
            using BinaryWriter local = new(file, Encoding.UTF8, leaveOpen: true);
            using BinaryWriter central = new(directory, Encoding.UTF8, leaveOpen: true);
            long offset = 0;
            for (int i = 0; i < entries; i++)
            {
                byte[] name = Encoding.UTF8.GetBytes(directories == 1 ? $"file-{i:D8}.txt" : $"dir-{i / Math.Max(1, entries / directories):D4}/file-{i:D8}.txt");
                WriteLocal(local, name);
                WriteCentral(central, name, (uint)offset);
                offset += LocalLength + name.Length + 1;
            }
            central.Flush();
            local.Flush();
            long start = file.Position;
            directory.Position = 0;
            directory.CopyTo(file);
            WriteEnd(local, entries, start, directory.Length);
        }
    }

    private static void WriteLocal(BinaryWriter writer, byte[] name)
    {
        writer.Write(0x04034b50u);
        WriteCommon(writer, name);
        writer.Write((ushort)9);
        writer.Write(name);
        WriteTimestamp(writer);
        writer.Write((byte)Content);
    }

    private static void WriteCentral(BinaryWriter writer, byte[] name, uint offset)
    {
        writer.Write(0x02014b50u);
        writer.Write((ushort)0x031E);
        WriteCommon(writer, name);
        writer.Write((ushort)9);
        writer.Write((ushort)0);
        writer.Write(0u);
        writer.Write(0x81A4_0000u);
        writer.Write(offset);
        writer.Write(name);
        WriteTimestamp(writer);
    }

    /// <summary>From the version needed to the length of the name.</summary>
    private static void WriteCommon(BinaryWriter writer, byte[] name)
    {
        writer.Write((ushort)10);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write(DosTime);
        writer.Write(ContentCrc);
        writer.Write(1u);
        writer.Write(1u);
        writer.Write((ushort)name.Length);
    }

    private static void WriteTimestamp(BinaryWriter writer)
    {
        writer.Write((ushort)0x5455);
        writer.Write((ushort)5);
        writer.Write((byte)1);
        writer.Write(1_700_000_000);
    }

    /// <summary>The zip64 records, which over 65,534 entries need, and the old one that refers to them.</summary>
    private static void WriteEnd(BinaryWriter writer, long entries, long start, long length)
    {
        writer.Write(0x06064b50u);
        writer.Write(44L);
        writer.Write((ushort)45);
        writer.Write((ushort)45);
        writer.Write(0L);
        writer.Write(entries);
        writer.Write(entries);
        writer.Write(length);
        writer.Write(start);
        writer.Write(0x07064b50u);
        writer.Write(0u);
        writer.Write(start + length);
        writer.Write(1u);
        writer.Write(0x06054b50u);
        writer.Write(0u);
        writer.Write(ushort.MaxValue);
        writer.Write(ushort.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write((ushort)0);
    }
}
