namespace Kaleidofs.Transforms.Overlay;

/// <summary>What is different from the filesystem beneath.</summary>
public sealed partial class OverlayFileSystem
{
    /// <summary>Finds all that is different. Nobody may change anything meanwhile.</summary>
    /// <exception cref="IOException">The filesystem beneath cannot be read.</exception>
    public async ValueTask<OverlayChanges> CollectChangesAsync()
    {
        ChangeCollector collector = new(this);
        await collector.CollectAsync().ConfigureAwait(false);
        return new OverlayChanges(this, _settings, _store, collector.Removed, collector.Entries);
    }

    private static void Check(Errno errno, byte[] path)
    {
        if (errno != Errno.None)
        {
            throw new IOException($"{System.Text.Encoding.UTF8.GetString(path)}: cannot be read ({errno})");
        }
    }

    /// <summary>Walks the overlay. Everything comes by the filesystem's own methods; the state only says what is not the lower's.</summary>
    private sealed class ChangeCollector(OverlayFileSystem overlay)
    {
        private readonly FileSystem _lower = overlay.Inner;
        // Files with several names that the lower filesystem keeps as they are, by one of those.
        private readonly Dictionary<ulong, byte[]> _kept = [];
        private readonly List<(byte[] Path, Attributes Attributes, bool IsNew)> _changed = [];

        public List<ReadOnlyMemory<byte>> Removed { get; } = [];

        public List<ChangedEntry> Entries { get; } = [];

        public async ValueTask CollectAsync()
        {
            // Directories that are to be looked into: the last one first, so that what is in it comes right behind it.
            Stack<(byte[] Path, ulong Inode, bool IsMoved)> rest = new();
            rest.Push(([], RootInode, false));
            while (rest.TryPop(out (byte[] Path, ulong Inode, bool IsMoved) directory))
            {
                if (!directory.IsMoved)
                {
                    AddRemoved(directory.Path, directory.Inode);
                }
                foreach ((byte[] name, Attributes attributes) in await ListAsync(directory.Path, directory.Inode).ConfigureAwait(false))
                {
                    byte[] path = Join(directory.Path, name);
                    bool isInPlace = !directory.IsMoved && await IsInPlaceAsync(directory.Inode, name, path, attributes).ConfigureAwait(false);
                    if (isInPlace && !await IsChangedAsync(path, attributes).ConfigureAwait(false))
                    {
                        if (attributes.LinkCount > 1 && !attributes.IsDirectory)
                        {
                            _kept.TryAdd(attributes.Inode, path);
                        }
                    }
                    else
                    {
                        _changed.Add((path, attributes, !isInPlace && (directory.IsMoved || !_replaced)));
                    }
                    if (attributes.IsDirectory)
                    {
                        rest.Push((path, attributes.Inode, !isInPlace));
                    }
                }
            }
            Dictionary<ulong, byte[]> written = [];
            foreach ((byte[] path, Attributes attributes, bool isNew) in _changed)
            {
                Entries.Add(await DescribeAsync(path, attributes, isNew, written).ConfigureAwait(false));
            }
        }

        // Whether the name that was looked at last is another entry's of the lower filesystem.
        private bool _replaced;

        private void AddRemoved(byte[] path, ulong directory)
        {
            lock (overlay._gate)
            {
                foreach ((byte[] name, OverlayName value) in overlay._state.FindNamed(directory)?.Directory?.Removed ?? [])
                {
                    if (value.CoversLower)
                    {
                        Removed.Add(Join(path, name));
                    }
                }
            }
        }

        /// <summary>Whether an entry stands where the lower filesystem has it. What it covers there is removed, if one of both is a directory.</summary>
        private async ValueTask<bool> IsInPlaceAsync(ulong directory, byte[] name, byte[] path, Attributes attributes)
        {
            _replaced = false;
            bool isChanged;
            OverlayName changed;
            lock (overlay._gate)
            {
                changed = default;
                isChanged = overlay._state.FindNamed(directory)?.Directory?.TryGet(name, out changed) == true;
            }
            if (!isChanged || !changed.CoversLower)
            {
                return !isChanged;
            }
            Result<Entry> found = await _lower.LookupAsync(default, directory, name).ConfigureAwait(false);
            if (!found.IsOk || found.Value.Attributes.Inode == 0)
            {
                return false;
            }
            Attributes lower = found.Value.Attributes;
            _lower.Forget(lower.Inode, 1);
            if (lower.Inode == attributes.Inode)
            {
                return true;
            }
            _replaced = true;
            if (lower.IsDirectory || attributes.IsDirectory)
            {
                Removed.Add(path);
            }
            return false;
        }

        /// <summary>Whether the overlay has another content or other attributes. Link counts, and the times of reading and of changes, follow from others.</summary>
        private async ValueTask<bool> IsChangedAsync(byte[] path, Attributes attributes)
        {
            lock (overlay._gate)
            {
                if (overlay._state.FindNamed(attributes.Inode) is not { } node)
                {
                    return false;
                }
                if (node.HasContent || node.ExtendedAttributes is not null)
                {
                    return true;
                }
            }
            Result<CachedAttributes> found = await _lower.GetAttributesAsync(default, attributes.Inode, null).ConfigureAwait(false);
            Check(found.Errno, path);
            Attributes lower = found.Value.Attributes;
            return lower.Mode != attributes.Mode || lower.UserId != attributes.UserId || lower.GroupId != attributes.GroupId
                || lower.ModificationTime != attributes.ModificationTime || (!attributes.IsDirectory && lower.Size != attributes.Size);
        }

        private async ValueTask<List<(byte[] Name, Attributes Attributes)>> ListAsync(byte[] path, ulong inode)
        {
            Result<OpenedFile> opened = await overlay.OpenDirectoryAsync(default, inode).ConfigureAwait(false);
            Check(opened.Errno, path);
            CollectedEntries entries = new();
            int before;
            do
            {
                before = entries.All.Count;
                Check(await overlay.ListAsync(default, inode, opened.Value.Handle, entries.Cookie, entries).ConfigureAwait(false), path);
            }
            while (entries.All.Count > before);
            await overlay.ReleaseDirectoryAsync(default, inode, opened.Value.Handle).ConfigureAwait(false);
            return entries.All;
        }

        private async ValueTask<ChangedEntry> DescribeAsync(byte[] path, Attributes attributes, bool isNew, Dictionary<ulong, byte[]> written)
        {
            ulong inode = attributes.Inode;
            ChangedEntry entry = new() { Path = path, Attributes = attributes, IsNew = isNew };
            if (!attributes.IsDirectory && attributes.LinkCount > 1)
            {
                if (_kept.TryGetValue(inode, out byte[]? other) || written.TryGetValue(inode, out other))
                {
                    entry = entry with { HardLinkTo = other };
                }
                else
                {
                    written.Add(inode, path);
                }
            }
            if (attributes.IsSymbolicLink)
            {
                Result<ReadOnlyMemory<byte>> target = await overlay.ReadLinkAsync(default, inode).ConfigureAwait(false);
                Check(target.Errno, path);
                entry = entry with { LinkTarget = target.Value };
            }
            return entry with { ExtendedAttributes = await GetExtendedAttributesAsync(inode).ConfigureAwait(false) };
        }

        private async ValueTask<List<(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value)>> GetExtendedAttributesAsync(ulong inode)
        {
            List<(ReadOnlyMemory<byte> Name, ReadOnlyMemory<byte> Value)> all = [];
            Result<ReadOnlyMemory<byte>> names = await overlay.ListExtendedAttributesAsync(default, inode).ConfigureAwait(false);
            ReadOnlyMemory<byte> rest = names.IsOk ? names.Value : default;
            while (!rest.IsEmpty)
            {
                int end = rest.Span.IndexOf((byte)0);
                ReadOnlyMemory<byte> name = end < 0 ? rest : rest[..end];
                rest = end < 0 ? default : rest[(end + 1)..];
                Result<ReadOnlyMemory<byte>> value = await overlay.GetExtendedAttributeAsync(default, inode, name).ConfigureAwait(false);
                if (value.IsOk)
                {
                    all.Add((name, value.Value));
                }
            }
            return all;
        }

        private static byte[] Join(byte[] directory, byte[] name) => directory.Length == 0 ? name : [.. directory, (byte)'/', .. name];
    }
}
