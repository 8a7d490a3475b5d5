using System.Security.Cryptography;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Ranges;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Ar;

/// <summary>Reads an ar's headers (the common form, GNU's and BSD's) from first to last, into a tree. Symbol tables are not shown.</summary>
internal sealed class ArScanner(ByteSource bytes, EntryBuilder entries, RangeIndex index, OpeningContext context, IncrementalHash digest)
{
    private const int BufferLength = 8 << 10;

    /// <summary>GNU's table of long names; more is no table.</summary>
    private const int MaxNames = 64 << 20;

    /// <summary>The longest name: of a path, more is not shown anyway.</summary>
    private const int MaxName = 4096;

    private readonly PositionedInput _input = new(bytes, BufferLength, context.Progress);
    private readonly DamageLines _damage = new(bytes.Path, context.Log);
    private readonly byte[] _header = new byte[ArHeader.Length];
    private byte[] _names = [];

    private static ReadOnlySpan<byte> Magic => "!<arch>\n"u8;

    private static ReadOnlySpan<byte> ThinMagic => "!<thin>\n"u8;

    /// <summary>Whether these bytes begin an ar.</summary>
    public static bool Recognizes(ReadOnlySpan<byte> head) => head.StartsWith(Magic) || head.StartsWith(ThinMagic);

    /// <summary>Reads all headers.</summary>
    /// <exception cref="SourceException">It is no ar, or a thin one.</exception>
    public void Scan()
    {
        Span<byte> magic = stackalloc byte[Magic.Length];
        if (!_input.TryRead(0, magic) || !magic.SequenceEqual(Magic))
        {
            throw new SourceException(magic.SequenceEqual(ThinMagic)
                ? $"{_input.Path}: a thin ar: it only names files, which are not in it; make one with them (ar rc)"
                : $"{_input.Path}: not an ar, or damaged at its beginning");
        }
        long position = Magic.Length;
        while (position < _input.Length)
        {
            _input.ReportProgress(position);
            if (!_input.TryRead(position, _header))
            {
                // A newline, or what else a transfer left, is no member.
                if (_input.Length - position > 1)
                {
                    _damage.Add($"cut off, in the header at byte {position}; the members before are whole");
                }
                return;
            }
            ArHeader header = new(_header);
            position = header.IsValid() ? Take(header, position + ArHeader.Length) : PassOver(position);
        }
    }

    /// <summary>Takes a member; returns where the next one begins.</summary>
    private long Take(in ArHeader header, long start)
    {
        digest.AppendData(_header);
        _ = header.TryGetSize(out long size);
        ReadOnlySpan<byte> name = header.Name;
        if (size > _input.Length - start)
        {
            _damage.Add($"cut off, in '{DamageLog.ToText(name)}'; the members before are whole");
        }
        // Members begin at even bytes.
        long next = start + size + (size & 1);
        if (name.SequenceEqual("//"u8) || name.SequenceEqual("ARFILENAMES/"u8))
        {
            ReadNames(start, size);
            return next;
        }
        if (name.SequenceEqual("/"u8) || name.SequenceEqual("/SYM64/"u8))
        {
            return next;
        }
        if (!TryGetName(name, ref start, ref size, out ReadOnlySpan<byte> path))
        {
            _damage.Add($"the member at byte {start - ArHeader.Length} is not shown: its name is not where the header says");
            return next;
        }
        if (!path.StartsWith("__.SYMDEF"u8))
        {
            Add(header, path, start, size);
        }
        return next;
    }

    private void Add(in ArHeader header, ReadOnlySpan<byte> path, long start, long size)
    {
        _ = header.TryGetAttributes(out long time, out uint userId, out uint groupId, out uint permissions);
        TreeNode node = new()
        {
            Mode = FileType.Regular | permissions,
            UserId = userId,
            GroupId = groupId,
            Size = size,
            ModificationTime = new Timestamp(time),
        };
        if (entries.TryAdd(path, node, out int entry))
        {
            index.Set(entry, start);
        }
    }

    /// <summary>The name: in the header, in GNU's table, or (BSD) before the content, which is then shorter.</summary>
    private bool TryGetName(ReadOnlySpan<byte> field, ref long start, ref long size, out ReadOnlySpan<byte> name)
    {
        name = field;
        if (field.StartsWith("#1/"u8))
        {
            if (!ArHeader.TryParse(field[3..], 10, out long length) || length < 1 || length > Math.Min(size, MaxName))
            {
                return false;
            }
            byte[] text = new byte[length];
            bool isRead = _input.TryRead(start, text);
            digest.AppendData(text);
            start += length;
            size -= length;
            name = text.AsSpan().TrimEnd((byte)0);
            return isRead && !name.IsEmpty;
        }
        if (field.Length > 1 && field[0] == '/')
        {
            if (!ArHeader.TryParse(field[1..], 10, out long offset) || offset < 0 || offset >= _names.Length)
            {
                return false;
            }
            ReadOnlySpan<byte> rest = _names.AsSpan((int)offset);
            rest = rest[..Math.Min(rest.Length, MaxName)];
            int end = rest.IndexOfAny((byte)'\n', (byte)0);
            name = end < 0 ? rest : rest[..end];
        }
        // GNU ends names with a slash, so that they may end with spaces.
        name = name.EndsWith("/"u8) ? name[..^1] : name;
        return !name.IsEmpty;
    }

    private void ReadNames(long start, long size)
    {
        byte[] names = size <= Math.Min(MaxNames, _input.Length - start) ? new byte[size] : [];
        if (names.Length < size || !_input.TryRead(start, names))
        {
            _damage.Add("its table of long names is damaged or cut off");
            return;
        }
        digest.AppendData(names);
        _names = names;
    }

    /// <summary>Goes on at the next even byte that can begin a header; the end if there is none.</summary>
    private long PassOver(long damaged)
    {
        long end = damaged;
        do
        {
            end = _input.Find(end + 1 + ArHeader.EndOffset, ArHeader.End) - ArHeader.EndOffset;
        }
        while (end > 0 && (end % 2 != 0 || !_input.TryRead(end, _header) || !new ArHeader(_header).IsValid()));
        end = end > 0 ? end : _input.Length;
        _damage.Add($"damaged: no header at byte {damaged}; {end - damaged} bytes were passed over");
        return end;
    }
}
