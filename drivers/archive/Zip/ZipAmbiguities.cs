using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Counts what other tools may show in another way, though this driver reads it as the specification says, and tells of each kind in one line.</summary>
internal sealed class ZipAmbiguities(ByteSource file)
{
    private readonly UnlistedEntries _unlisted = new(file);
    private long _kinds;
    private long _names;
    private long _contents;

    /// <summary>Looks at a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="path">Its path.</param>
    /// <param name="node">What is shown of it.</param>
    /// <param name="header">Where its local header is; negative if nowhere.</param>
    /// <param name="compressedSize">How long its data is.</param>
    public void Note(in CentralDirectoryRecord record, ReadOnlySpan<byte> path, in TreeNode node, long header, long compressedSize)
    {
        if (header >= 0)
        {
            _unlisted.Note(record, header, compressedSize);
        }
        else
        {
            _unlisted.NoteUnknown();
        }
        bool isDirectory = (node.Mode & FileType.Mask) == FileType.Directory;
        uint unixType = record.Host is ZipFormat.HostUnix or ZipFormat.HostMacOS ? (record.ExternalAttributes >> 16) & FileType.Mask : 0;
        if (isDirectory != path.EndsWith("/"u8)
            || ((record.ExternalAttributes & ZipFormat.DosDirectory) != 0 && !isDirectory)
            || (unixType != 0 && (unixType == FileType.Directory) != isDirectory))
        {
            _kinds++;
        }
        if (isDirectory && node.Size != 0)
        {
            _contents++;
        }
        int names = record.Extra.IsEmpty ? 0 : ZipExtraFields.Count(record.Extra, ZipExtraFields.UnicodePath);
        if (names > 1 || (names == 1 && !ZipExtraFields.TryGetUnicodePath(record.Extra, record.Name, out _)))
        {
            _names++;
        }
    }

    /// <summary>Tells.</summary>
    /// <param name="directory">What its end record says.</param>
    /// <param name="count">How many records there are.</param>
    /// <param name="replaced">How many entries lost their name to a later one.</param>
    /// <param name="log">Takes the lines.</param>
    public void Report(in EndOfCentralDirectory directory, long count, long replaced, DriverLog log)
    {
        _unlisted.NoteEnd(directory.Start);
        Tell(replaced, "entries have the name of a later one, which is shown; other tools may show the first");
        Tell(_kinds, "entries are a directory by their name's end or one of their attributes, and none by another: a '/' decides, then the Unix mode");
        Tell(_contents, "directories have content, which is not shown");
        Tell(_names, "entries have a Unicode name made for another name, of an unknown version, or two: it is not used, or the first is");
        Tell(_unlisted.Count, "places between its entries have headers that its central directory does not name: tools that read from front to back would see more files");
        if (count != directory.Count)
        {
            log.Warning($"{file.Path}: {count} entries are in its central directory, {directory.Count} by its last record, which cannot hold more than 65,535; other tools may show only those");
        }

        void Tell(long number, string what)
        {
            if (number > 0)
            {
                log.Warning($"{file.Path}: {number} {what}");
            }
        }
    }
}
