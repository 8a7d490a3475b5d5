using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Transforms.Overlay;

/// <summary>
/// Lets a guest write to any filesystem: changes are kept in a directory of this machine, and the filesystem beneath
/// stays as it is (<c>-o overlay=DIR</c>).
/// </summary>
/// <remarks>
/// <para>An inode keeps its number whatever happens to it: one of the filesystem beneath that is changed or renamed goes
/// on under its own, so that renaming a directory costs two records, whatever is in it. New inodes have numbers from
/// 2^62 on, which are never used again.</para>
/// <para>What is at hand is answered from memory under <see cref="_gate"/>, which is never held while something waits.
/// Changes are made one after the other under <see cref="_names"/>: appended to the journal first, then made in memory
/// from the same records. Content is changed under its own file's semaphore, which is taken first.</para>
/// </remarks>
public sealed partial class OverlayFileSystem : FileSystemDecorator
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _names = new(1, 1);
    private readonly ConcurrentDictionary<ulong, OverlayHandle> _handles = new();
    private readonly OverlaySettings _settings;
    private readonly OverlayState _state;
    private readonly OverlayStore _store;
    // How long the absence of a name may be cached that is removed here, or that the filesystem beneath cannot get.
    private readonly CacheTime _absence;
    private ulong _lastHandle;
    private int _isDisposed;

    private OverlayFileSystem(FileSystem lower, OverlaySettings settings, OverlayState state, OverlayStore store) : base(lower)
    {
        _settings = settings;
        _state = state;
        _store = store;
        _absence = lower.Info.IsImmutable ? CacheTime.Forever : CacheTime.None;
        state.Discard = store.Discard;
        Info = new FileSystemInfo { IsReadOnly = false, KnowsParents = lower.Info.KnowsParents };
    }

    /// <inheritdoc/>
    public override FileSystemInfo Info { get; }

    /// <summary>Puts an overlay over a filesystem, which it owns from then on.</summary>
    /// <exception cref="SourceException">The directory cannot be used, is in use, or was made over another source.</exception>
    public static async Task<OverlayFileSystem> OpenAsync(FileSystem lower, OverlaySettings settings)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentNullException.ThrowIfNull(settings);
        await lower.Completion.ConfigureAwait(false);
        OverlayState state = new();
        string identity = lower.Info.Identity is { Length: > 0 } told ? told : settings.Source;
        OverlayStore store = await settings.Files.RunAsync(() => OverlayStore.Open(settings, identity, state)).ConfigureAwait(false);
        return new OverlayFileSystem(lower, settings, state, store);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }
        // A change under way is made whole; those that come later fail.
        await _names.WaitAsync().ConfigureAwait(false);
        lock (_gate)
        {
            foreach (OpenInode open in _state.Open.Values)
            {
                open.Data?.Dispose();
            }
        }
        await _store.DisposeAsync().ConfigureAwait(false);
        _names.Release();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    private static Timestamp Now => Timestamp.From(DateTimeOffset.UtcNow);

    /// <summary>An inode's attributes as they are now, wherever they come from.</summary>
    private async ValueTask<Result<Attributes>> GetAsync(RequestContext context, ulong inode)
    {
        lock (_gate)
        {
            if (_state.Find(inode) is { } node)
            {
                return node.Attributes;
            }
            if (_state.IsGone(inode))
            {
                return Errno.ESTALE;
            }
        }
        Result<CachedAttributes> lower = await Inner.GetAttributesAsync(context, inode, null).ConfigureAwait(false);
        return lower.IsOk ? lower.Value.Attributes : lower.Errno;
    }

    /// <summary>A directory's attributes.</summary>
    private async ValueTask<Result<Attributes>> GetDirectoryAsync(RequestContext context, ulong inode)
    {
        Result<Attributes> found = await GetAsync(context, inode).ConfigureAwait(false);
        if (!found.IsOk)
        {
            return found;
        }
        if (!found.Value.IsDirectory)
        {
            return Errno.ENOTDIR;
        }
        lock (_gate)
        {
            return _state.IsDead(inode) ? Errno.ENOENT : found;
        }
    }

    /// <summary>Makes a change: on the journal first, then in memory. <see cref="_names"/> is held.</summary>
    private async ValueTask<Errno> CommitAsync(RecordWriter records)
    {
        lock (_gate)
        {
            if (records.HasNewNode && _state.NodeCount >= _settings.MaxChangedInodes)
            {
                return Errno.ENOSPC;
            }
        }
        Errno errno = await _store.AppendAsync(records.Written).ConfigureAwait(false);
        if (errno == Errno.None)
        {
            lock (_gate)
            {
                _state.Apply(records.Written.Span);
            }
        }
        return errno;
    }

    /// <summary>Adds new attributes of an inode to a change: all of them if the overlay has none yet.</summary>
    private void AddNode(RecordWriter records, in Attributes attributes, NodeFields fields)
    {
        lock (_gate)
        {
            fields = _state.FindNamed(attributes.Inode) is null ? NodeFields.All : fields;
        }
        records.AddNode(attributes, fields);
    }

    /// <summary>Keeps an inode's file at hand.</summary>
    private OpenInode Hold(ulong inode)
    {
        lock (_gate)
        {
            if (!_state.Open.TryGetValue(inode, out OpenInode? open))
            {
                open = new OpenInode(inode);
                _state.Open.Add(inode, open);
            }
            open.Users++;
            return open;
        }
    }

    /// <summary>Lets an inode's file go; the last one records what the file is like now.</summary>
    private async ValueTask<Errno> DropAsync(OpenInode open)
    {
        Errno errno = Errno.None;
        bool isDirty;
        lock (_gate)
        {
            isDirty = open.Users == 1 && open.Orphan is null && _state.FindNamed(open.Inode) is { IsDirty: true };
        }
        if (isDirty)
        {
            // Nobody writes meanwhile: what is recorded is what is there.
            await open.Writing.WaitAsync().ConfigureAwait(false);
            errno = await CleanAsync(open.Inode).ConfigureAwait(false);
            open.Writing.Release();
        }
        SafeFileHandle? data = null;
        lock (_gate)
        {
            if (--open.Users == 0)
            {
                _state.Open.Remove(open.Inode);
                data = open.Data;
                if (open.Orphan is { HasContent: true })
                {
                    _store.Discard(open.Inode);
                }
            }
        }
        data?.Dispose();
        return errno;
    }

    private async ValueTask<Errno> CleanAsync(ulong inode)
    {
        await _names.WaitAsync().ConfigureAwait(false);
        try
        {
            RecordWriter records = new();
            lock (_gate)
            {
                if (_state.FindNamed(inode) is not { IsDirty: true } node)
                {
                    return Errno.None;
                }
                records.AddNode(node.Attributes, NodeFields.Size | NodeFields.ModificationTime | NodeFields.ChangeTime);
                records.AddContent(inode, isHere: true, isDirty: false);
            }
            return await CommitAsync(records).ConfigureAwait(false);
        }
        finally
        {
            _names.Release();
        }
    }
}
