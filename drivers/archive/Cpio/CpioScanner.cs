using System.Security.Cryptography;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Ranges;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Cpio;

/// <summary>Reads the headers of a cpio, or of several one after the other, from first to last, into a tree.</summary>
internal sealed class CpioScanner(ByteSource bytes, EntryBuilder entries, RangeIndex index, OpeningContext context, IncrementalHash digest)
{
    private const int BufferLength = 32 << 10;
    private const uint PermissionMask = 0xFFF;

    private readonly PositionedInput _input = new(bytes, BufferLength, context.Progress);
    private readonly DamageLines _damage = new(bytes.Path, context.Log);
    private readonly CpioLinks _links = new(entries, index);
    private readonly byte[] _block = new byte[CpioHeader.MaxLength + CpioHeader.MaxNameLength];
    private readonly byte[] _target = new byte[ArchiveFileSystem.MaxTarget + 1];
    private CpioForm _form;
    private bool _isEnded;
    private bool _isCutOff;
    // Whether something of the archive that is being read was passed over.
    private bool _hasGap;

    /// <summary>Adds an entry with its place; false if the tree does not take it.</summary>
    public static bool Place(EntryBuilder entries, RangeIndex index, in CpioHeader header, ReadOnlySpan<byte> path, in TreeNode node, long start, out int entry)
    {
        if (!entries.TryAdd(path, node, out entry))
        {
            return false;
        }
        index.Set(entry, start);
        if (header.Form == CpioForm.NewWithSum && (node.Mode & FileType.Mask) == FileType.Regular)
        {
            index.SetSum(entry, header.Sum);
        }
        return true;
    }

    /// <summary>Reads all headers.</summary>
    /// <exception cref="SourceException">It begins with none.</exception>
    public void Scan()
    {
        if (!TryReadHeader(0, out _))
        {
            throw new SourceException($"{_input.Path}: not a cpio, or damaged at its beginning");
        }
        // Between the end of an archive and the next one stand zeros, as many as somebody wanted.
        long position = 0;
        while (!_isCutOff && (position = _input.SkipZeros(position)) < _input.Length)
        {
            _input.ReportProgress(position);
            if (TryReadHeader(position, out CpioHeader header))
            {
                _isEnded = false;
                _form = header.Form;
                position = Take(header, position);
            }
            else if (_isEnded)
            {
                ReportForeign(position);
                return;
            }
            else
            {
                position = PassOver(position);
            }
        }
        _links.Complete(isWhole: _isEnded, _damage);
        if (!_isEnded && !_isCutOff)
        {
            _damage.Add(_input.HasFailed ? $"cannot be read at byte {position}; the entries before are whole" : "it has no end mark: it may be cut off");
        }
    }

    /// <summary>Reads a header and its name.</summary>
    private bool TryReadHeader(long position, out CpioHeader header)
    {
        header = default;
        int length = (int)Math.Min(CpioHeader.MaxLength, _input.Length - position);
        return _input.TryRead(position, _block.AsSpan(0, length))
            && CpioHeader.TryParse(_block.AsSpan(0, length), out header)
            && _input.TryRead(position, _block.AsSpan(0, header.Length + header.NameLength))
            && header.CanHave(_block.AsSpan(header.Length, header.NameLength));
    }

    /// <summary>Takes an entry; returns where the next header begins.</summary>
    private long Take(in CpioHeader header, long position)
    {
        int length = header.Length + header.NameLength;
        digest.AppendData(_block.AsSpan(0, length));
        ReadOnlySpan<byte> path = _block.AsSpan(header.Length, header.NameLength - 1);
        path = path.IndexOf((byte)0) is >= 0 and var end ? path[..end] : path;
        long start = Align(position, length, header.Alignment);
        long next = Align(start, header.Size, header.Alignment);
        if (path.SequenceEqual(CpioHeader.Trailer))
        {
            _links.Complete(isWhole: !_hasGap, _damage);
            _isEnded = true;
            _hasGap = false;
            return next;
        }
        if (header.Size > _input.Length - start)
        {
            _isCutOff = true;
            _damage.Add($"cut off, in '{DamageLog.ToText(path)}'; the entries before are whole");
        }
        Add(header, path, start);
        return next;
    }

    private void Add(in CpioHeader header, ReadOnlySpan<byte> path, long start)
    {
        uint type = header.Mode & FileType.Mask;
        TreeNode node = new()
        {
            Mode = (type == 0 ? FileType.Regular : type) | (header.Mode & PermissionMask),
            UserId = header.UserId,
            GroupId = header.GroupId,
            Size = type is FileType.Regular or 0 ? header.Size : 0,
            ModificationTime = new Timestamp(header.ModificationTime),
        };
        switch (node.Mode & FileType.Mask)
        {
            case FileType.Regular when header.LinkCount > 1:
                _links.Add(header, path, node, start);
                break;
            case FileType.SymbolicLink:
                AddSymbolicLink(header, path, node, start);
                break;
            case FileType.BlockDevice or FileType.CharacterDevice:
                if (Place(entries, index, header, path, node, start, out int device))
                {
                    entries.Tree.SetDevice(device, header.Device);
                }
                break;
            case FileType.Regular or FileType.Directory or FileType.Fifo or FileType.Socket:
                Place(entries, index, header, path, node, start, out _);
                break;
            default:
                _damage.Add($"'{DamageLog.ToText(path)}' is not shown: there is no file type 0{Convert.ToString(type, 8)}");
                break;
        }
    }

    private void AddSymbolicLink(in CpioHeader header, ReadOnlySpan<byte> path, in TreeNode node, long start)
    {
        Span<byte> target = _target.AsSpan(0, (int)Math.Min(header.Size, _target.Length));
        bool isGood = _input.TryRead(start, target);
        digest.AppendData(target);
        // Some end it with a NUL.
        ReadOnlySpan<byte> text = target.TrimEnd((byte)0);
        if (Place(entries, index, header, path, node, start, out int link)
            && isGood && text.Length is > 0 and <= ArchiveFileSystem.MaxTarget && !text.Contains((byte)0))
        {
            entries.Tree.SetTarget(link, text);
        }
    }

    private void ReportForeign(long position)
    {
        Span<byte> head = _block.AsSpan(0, (int)Math.Min(512, _input.Length - position));
        string what = _input.TryRead(position, head) && Codecs.Recognize(head) is Codec codec ? $"{codec.Name} data" : "something else";
        _damage.Add($"behind its end, at byte {position}, stands {what}, which is not shown");
    }

    /// <summary>Goes on at the next header; the end if there is none.</summary>
    private long PassOver(long damaged)
    {
        long found = damaged;
        CpioHeader header;
        do
        {
            found = _input.Find(found + 1, CpioHeader.GetMagic(_form));
        }
        while (found >= 0 && !(TryReadHeader(found, out header) && header.Form == _form));
        long end = found >= 0 ? found : _input.Length;
        _hasGap = true;
        _damage.Add($"damaged: no header at byte {damaged}; {end - damaged} bytes were passed over");
        return end;
    }

    /// <summary>Where what follows begins: header and name, and content, are each padded; counted from the header, which need not stand at such a place.</summary>
    private static long Align(long start, long length, int alignment) => start + ((length + alignment - 1) & -alignment);
}
