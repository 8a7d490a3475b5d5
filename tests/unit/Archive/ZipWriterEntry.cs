using Kaleidofs.Drivers.Archive.Deflate;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>One entry, every field open to lies.</summary>
internal sealed class ZipWriterEntry
{
    public ZipWriterEntry(byte[] name, byte[] content, ushort method)
    {
        Name = name;
        LocalName = name;
        Method = method;
        LocalMethod = method;
        Data = method == 8 ? ZipWriter.Deflate(content) : content;
        Size = (uint)content.Length;
        CompressedSize = (uint)Data.Length;
        Crc = Crc32.Append(0, content);
    }

    public byte[] Name { get; set; }
    public byte[] LocalName { get; set; }
    public ushort Method { get; set; }
    public ushort LocalMethod { get; set; }
    public byte[] Data { get; set; }
    public uint Size { get; set; }
    public uint CompressedSize { get; set; }
    public uint Crc { get; set; }
    public uint? LocalSize { get; set; }
    public ushort Flags { get; set; } = 1 << 11;
    public byte Host { get; set; } = 3;
    public uint Mode { get; set; }
    public uint DosAttributes { get; set; }
    public uint DosTime { get; set; } = 0x5B6A_6000;
    public byte[] Extra { get; set; } = [];
    public byte[] LocalExtra { get; set; } = [];
    public uint Offset { get; set; }
    public bool IsWritten { get; set; }
    public bool HasDescriptor { get; set; }

    public byte[] GetLocal()
    {
        IsWritten = true;
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(0x04034b50u);
        writer.Write((ushort)20);
        writer.Write((ushort)(Flags | (HasDescriptor ? 8 : 0)));
        writer.Write(LocalMethod);
        writer.Write(DosTime);
        writer.Write(HasDescriptor ? 0 : Crc);
        writer.Write(HasDescriptor ? 0 : CompressedSize);
        writer.Write(HasDescriptor ? 0 : LocalSize ?? Size);
        writer.Write((ushort)LocalName.Length);
        writer.Write((ushort)LocalExtra.Length);
        writer.Write(LocalName);
        writer.Write(LocalExtra);
        writer.Write(Data);
        if (HasDescriptor)
        {
            writer.Write(0x08074b50u);
            writer.Write(Crc);
            writer.Write(CompressedSize);
            writer.Write(Size);
        }
        return stream.ToArray();
    }

    public byte[] GetCentral()
    {
        using MemoryStream stream = new();
        using BinaryWriter writer = new(stream);
        writer.Write(0x02014b50u);
        writer.Write((byte)30);
        writer.Write(Host);
        writer.Write((ushort)20);
        writer.Write((ushort)(Flags | (HasDescriptor ? 8 : 0)));
        writer.Write(Method);
        writer.Write(DosTime);
        writer.Write(Crc);
        writer.Write(CompressedSize);
        writer.Write(Size);
        writer.Write((ushort)Name.Length);
        writer.Write((ushort)Extra.Length);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write((Mode << 16) | DosAttributes);
        writer.Write(Offset);
        writer.Write(Name);
        writer.Write(Extra);
        return stream.ToArray();
    }
}
