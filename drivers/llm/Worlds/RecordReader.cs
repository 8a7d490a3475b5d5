using Kaleidofs.Journaling;

namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>Reads the fields of what <see cref="RecordWriter"/> wrote.</summary>
internal static class RecordReader
{
    public static bool TryBegin(this ref FieldReader reader, out RecordKind kind, out ulong inode)
    {
        bool hasOne = reader.TryBegin(out byte number, out inode);
        kind = (RecordKind)number;
        return hasOne;
    }

    public static NodeFacts Node(this ref FieldReader reader, ulong inode) => new()
    {
        Inode = inode,
        Parent = reader.U64(),
        Sequence = reader.U64(),
        Mode = reader.U32(),
        UserId = reader.U32(),
        GroupId = reader.U32(),
        ModificationTime = reader.Time(),
        ChangeTime = reader.Time(),
        Origin = (Origin)reader.U32(),
        Name = reader.Bytes().ToArray(),
        Target = reader.Bytes().ToArray(),
        About = reader.Text(),
    };

    public static Usage Usage(this ref FieldReader reader) => new((int)reader.U32(), (long)reader.U64(), (long)reader.U64(), (long)reader.U64());

    public static Provenance Provenance(this ref FieldReader reader) => new(reader.Text(), reader.Text(), DateTimeOffset.FromUnixTimeMilliseconds((long)reader.U64()), reader.Usage());
}
