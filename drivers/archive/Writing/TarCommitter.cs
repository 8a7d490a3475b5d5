using Kaleidofs.Drivers.Archive.Tar;

namespace Kaleidofs.Drivers.Archive.Writing;

/// <summary>
/// Writes a tar anew with changes: its bytes up to the end as they are, without the entries that are removed, and then the
/// new ones: of equal names the last wins.
/// </summary>
internal sealed class TarCommitter(ArchiveFile file, NewArchive made, ChangeSet changes)
{
    /// <summary>Tapes had records of twenty blocks, and tar fills the last one still.</summary>
    private const int RecordLength = 20 * TarHeader.BlockLength;

    private readonly byte[] _zeros = new byte[RecordLength];

    /// <exception cref="SourceException">The archive, or a change, is of a kind that cannot be written.</exception>
    public async ValueTask WriteAsync(OpeningProgress progress, CancellationToken cancellationToken)
    {
        TarLayout layout = await file.RunAsync(() => CopyKept(progress)).ConfigureAwait(false);
        FileStream output = made.Stream;
        TarEntryWriter writer = new(layout.HasGlobalRecords, layout.Prefix);
        foreach (ChangedEntry entry in changes.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            output.Write(writer.GetHeaders(entry));
            if (!TarEntryWriter.HasContent(entry))
            {
                continue;
            }
            long start = output.Position;
            Errno errno = await changes.CopyAsync(entry, output, cancellationToken).ConfigureAwait(false);
            long size = output.Position - start;
            if (errno != Errno.None || size != (long)entry.Attributes.Size)
            {
                throw ArchiveCommit.Fail(entry, $"cannot be read ({(errno == Errno.None ? Errno.EIO : errno)})");
            }
            output.Write(_zeros.AsSpan(0, (int)(-size & (TarHeader.BlockLength - 1))));
        }
        output.Write(_zeros.AsSpan(0, 2 * TarHeader.BlockLength));
        output.Write(_zeros.AsSpan(0, (int)(((output.Position + RecordLength - 1) / RecordLength * RecordLength) - output.Position)));
    }

    private TarLayout CopyKept(OpeningProgress progress)
    {
        TarLayout layout = TarLayout.Read(file, new RemovedPaths(changes), progress);
        long position = 0;
        foreach ((long start, long length) in layout.Kept)
        {
            changes.Writer.CopyRange(file.Handle, start, length, made.Handle, position);
            position += length;
        }
        made.Stream.Position = position;
        return layout;
    }
}
