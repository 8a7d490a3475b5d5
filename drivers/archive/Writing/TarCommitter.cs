using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Exporting;

namespace Kaleidofs.Drivers.Archive.Writing;

/// <summary>
/// Writes a tar anew with changes: its bytes up to the end as they are, without the entries that are removed, and then the
/// new ones: of equal names the last wins. Of a compressed one the frames before the first change stay as they are, and the rest is
/// encoded anew, in frames that are short enough for the next change to leave most of them.
/// </summary>
/// <param name="file">The tar.</param>
/// <param name="codec">How it is compressed, if it is.</param>
/// <param name="made">Takes the new one.</param>
/// <param name="changes">The changes.</param>
internal sealed class TarCommitter(ArchiveFile file, Codec? codec, NewArchive made, ChangeSet changes)
{
    private const long SeekPointBudget = 64 << 20;

    /// <summary>Tapes had records of twenty blocks, and tar fills the last one still.</summary>
    private const int RecordLength = 20 * TarHeader.BlockLength;

    private readonly byte[] _zeros = new byte[RecordLength];
    private readonly byte[] _copied = new byte[128 << 10];

    /// <exception cref="SourceException">The archive, or a change, is of a kind that cannot be written.</exception>
    public async ValueTask WriteAsync(OpeningProgress progress, CancellationToken cancellationToken)
    {
        (TarLayout layout, Stream output) = await file.RunAsync(() => codec is null ? CopyKept(progress) : CopyFrames(codec, progress)).ConfigureAwait(false);
        TarHeaders headers = new(layout.HasGlobalRecords, layout.Prefix);
        foreach (ChangedEntry entry in changes.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            output.Write(TarHeaders.CanHold(entry) ? headers.GetHeaders(entry) : throw ArchiveCommit.Fail(entry, "a socket, and a tar has none"));
            if (!TarHeaders.HasContent(entry))
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
        // In a frame of their own: the next change has only that to write anew.
        (output as FrameStream)?.EndFrame();
        output.Write(_zeros.AsSpan(0, 2 * TarHeader.BlockLength));
        output.Write(_zeros.AsSpan(0, (int)(((output.Position + RecordLength - 1) / RecordLength * RecordLength) - output.Position)));
        (output as FrameStream)?.EndFrame();
    }

    private (TarLayout Layout, Stream Output) CopyKept(OpeningProgress progress)
    {
        TarLayout layout = TarLayout.Read(file.Path, new FileTarInput(file, progress), new RemovedPaths(changes));
        CheckRest(file.Length);
        long position = 0;
        foreach ((long start, long length) in layout.Kept)
        {
            changes.Writer.CopyRange(file.Handle, start, length, made.Handle, position);
            position += length;
        }
        made.Stream.Position = position;
        return (layout, made.Stream);
    }

    private (TarLayout Layout, Stream Output) CopyFrames(Codec codec, OpeningProgress progress)
    {
        var range = ByteRange.Of(file);
        SeekPoints points = new(codec.GetStart(range), SeekPointBudget) { FramesOnly = true };
        TarLayout layout;
        using (StreamCursor cursor = codec.Open(range, points))
        {
            layout = TarLayout.Read(file.Path, new DecodedTarInput(codec, range, cursor, progress, recorder: null), new RemovedPaths(changes));
            CheckRest(cursor.Position);
            if (cursor.InputPosition < range.End)
            {
                throw new SourceException($"{file.Path}: something stands behind its {codec.Name} data, at byte {cursor.InputPosition}, and would be lost: not changed");
            }
        }
        // Up to there nothing changes.
        SeekPoint frame = points.FindFrame(layout.Kept is [(0, var length), ..] ? length : 0);
        changes.Writer.CopyRange(file.Handle, 0, frame.Input, made.Handle, 0);
        made.Stream.Position = frame.Input;
        FrameStream output = new(codec, made.Stream, frame.Output);
        using StreamCursor rest = codec.Open(range, points: null);
        if (!rest.MoveTo(frame))
        {
            throw Unreadable();
        }
        foreach ((long start, long keptLength) in layout.Kept)
        {
            Skip(rest, Math.Max(start, frame.Output), progress);
            Copy(rest, start + keptLength, output, progress);
        }
        return (layout, output);
    }

    /// <summary>Behind the tar's end there are whole blocks, which were looked at, or none.</summary>
    private void CheckRest(long length)
    {
        if (length % TarHeader.BlockLength != 0)
        {
            throw new SourceException($"{file.Path}: something stands behind its end, at byte {length - (length % TarHeader.BlockLength)}, and would be lost: not changed");
        }
    }

    private void Skip(StreamCursor cursor, long end, OpeningProgress progress) => Copy(cursor, end, Stream.Null, progress);

    private void Copy(StreamCursor cursor, long end, Stream output, OpeningProgress progress)
    {
        while (cursor.Position < end)
        {
            progress.At(cursor.InputPosition, file.Length);
            Span<byte> piece = _copied.AsSpan(0, (int)Math.Min(_copied.Length, end - cursor.Position));
            if (!cursor.TryRead(piece, out int count) || count < piece.Length)
            {
                throw Unreadable();
            }
            output.Write(piece);
        }
    }

    private SourceException Unreadable() => new($"{file.Path}: its compressed data cannot be read again: not changed");
}
