namespace Kaleidofs.Transforms.Overlay;

/// <summary>What an overlay has that the filesystem beneath has not, to be put there.</summary>
public sealed class OverlayChanges : ChangeSet
{
    private readonly OverlayFileSystem _overlay;
    private readonly OverlaySettings _settings;
    private readonly OverlayStore _store;
    private string? _confirmed;

    internal OverlayChanges(OverlayFileSystem overlay, OverlaySettings settings, OverlayStore store, List<ReadOnlyMemory<byte>> removed, List<ChangedEntry> entries)
    {
        _overlay = overlay;
        _settings = settings;
        _store = store;
        Removed = removed;
        Entries = entries;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ReadOnlyMemory<byte>> Removed { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<ChangedEntry> Entries { get; }

    /// <inheritdoc/>
    public override FileWriter Writer => _settings.Writer;

    /// <inheritdoc/>
    public override async ValueTask<Errno> CopyAsync(ChangedEntry entry, Stream destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(destination);
        ulong inode = entry.Attributes.Inode;
        Result<OpenedFile> opened = await _overlay.OpenAsync(default, inode, OpenFlags.ReadOnly).ConfigureAwait(false);
        if (!opened.IsOk)
        {
            return opened.Errno;
        }
        ArrayPayloadWriter piece = new((int)Math.Clamp(entry.Attributes.Size, 1, 1 << 20));
        long offset = 0;
        Errno errno;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            piece.Clear();
            errno = await _overlay.ReadAsync(default, inode, opened.Value.Handle, offset, piece).ConfigureAwait(false);
            await destination.WriteAsync(piece.Content, cancellationToken).ConfigureAwait(false);
            offset += piece.Written;
        }
        while (errno == Errno.None && piece.Written > 0 && offset < (long)entry.Attributes.Size);
        await _overlay.ReleaseAsync(default, inode, opened.Value.Handle).ConfigureAwait(false);
        return errno != Errno.None || offset == (long)entry.Attributes.Size ? errno : Errno.EIO;
    }

    /// <inheritdoc/>
    public override async ValueTask ConfirmAsync(string identity)
    {
        _confirmed = identity;
        await _settings.Files.RunAsync(() =>
        {
            _store.NoteCommit(identity);
            return true;
        }).ConfigureAwait(false);
    }

    /// <summary>Begins the overlay anew, as the source has its changes. Until it is disposed it shows the old source with them.</summary>
    /// <exception cref="IOException">The next one to open it does it.</exception>
    public async ValueTask RetireAsync()
    {
        string identity = _confirmed ?? throw new InvalidOperationException("The source has not been confirmed.");
        await _settings.Files.RunAsync(() =>
        {
            _store.Retire(identity);
            return true;
        }).ConfigureAwait(false);
    }
}
