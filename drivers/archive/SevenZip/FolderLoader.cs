using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>Decodes the blocks of folders, by streams that stay open for a while.</summary>
internal sealed class FolderLoader : BlockLoader, IDisposable
{
    /// <summary>Folders that are open for decoding at a time.</summary>
    private const int MaxOpen = 8;

    /// <summary>Decoders in one folder. Each has a dictionary, of 16 to 64 MiB as 7-Zip makes it, and there is but the beginning to begin at.</summary>
    private const int DecodersPerFolder = 2;

    /// <summary>Folders up to this length are not transcoded: decoding such a one from its beginning takes some tenths of a second.</summary>
    private const long ShortLength = 16 << 20;

    private readonly ByteSource _file;
    private readonly SevenZipListing _listing;
    private readonly FolderOpener _opener;
    private readonly DamageLog _damage;
    private readonly FolderDecoding[] _decodings;
    // 1 for those whose damage was told.
    private readonly int[] _told;
    private readonly Lock _lock = new();
    // The most recently used first.
    private readonly LinkedList<OpenedFolder> _open = new();

    /// <param name="file">The archive.</param>
    /// <param name="listing">What the archive's header says.</param>
    /// <param name="opener">Finds folders' bytes.</param>
    /// <param name="damage">Hears of damage.</param>
    /// <param name="context">What else opening needs.</param>
    public FolderLoader(ByteSource file, SevenZipListing listing, FolderOpener opener, DamageLog damage, OpeningContext context)
    {
        _file = file;
        _listing = listing;
        _opener = opener;
        _damage = damage;
        _told = new int[listing.Folders.Length];
        _decodings = [.. listing.Folders.Select(folder => Decide(folder, context.Options.Transcode))];
        // What a wrong password makes of an archive must not be served to who has the right one.
        ulong source = context.Cache.OpenSource(context.Options.Password is { } password ? $"{listing.Identity}:{password.Tag}" : listing.Identity);
        if (Array.Exists(_decodings, decoding => decoding.IsTranscoded))
        {
            context.Cache.KeepOnDisk(source, listing.Identity);
        }
        Content = new DecodedContent(context.Cache, source, this);
    }

    public DecodedContent Content { get; }

    /// <summary>Whether a folder's bytes are its content.</summary>
    public bool IsInPlace(int folder) => _decodings[folder] is { IsKnown: true, Codec: null } && !_listing.Folders[folder].IsEncrypted;

    /// <summary>Whether what packed a folder is known.</summary>
    public bool CanDecode(int folder) => _decodings[folder].IsKnown;

    public override ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination)
        => new(TryAsk((int)key.Object, (long)key.Index, destination) ?? LoadLaterAsync((int)key.Object, (long)key.Index, destination));

    /// <summary>A folder's content for whoever reads an archive in it, on a thread that may wait; null if it cannot be read.</summary>
    public ByteSource? OpenFolder(int number, MemberDetails details)
    {
        if (IsInPlace(number))
        {
            PackedFolder folder = _listing.Folders[number];
            return new SliceSource(_file, SevenZipHeader.StartLength + folder.Start, folder.Length, details.Path, details.ModificationTime);
        }
        return Open(number) is not { } open ? null
            : open.Stream is null ? open.Data.File
            : new DecodedSource(open.Stream, Content, (ulong)number, details.Cursors, details.Path, details.ModificationTime);
    }

    /// <summary>Decodes the folders that are transcoded, into the cache's tier on disk.</summary>
    public async Task PrepareAsync(OpeningProgress progress)
    {
        byte[] block = new byte[DecodedStream.BlockLength];
        for (int folder = 0; folder < _decodings.Length; folder++)
        {
            progress.At(folder, _decodings.Length);
            if (_decodings[folder].IsTranscoded)
            {
                // Whoever asks for the last block has all of them decoded.
                long last = (_listing.Folders[folder].Length - 1) / DecodedStream.BlockLength;
                int length = DecodedStream.GetBlockLength(_listing.Folders[folder].Length, last);
                await LoadAsync(new BlockKey(0, (ulong)folder, (ulong)last), block.AsMemory(0, length)).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (OpenedFolder open in _open)
            {
                open.Stream?.Dispose();
            }
            _open.Clear();
        }
    }

    private static FolderDecoding Decide(PackedFolder folder, TranscodeMode mode)
    {
        bool isKnown = FolderMethods.TryFind(folder, out Codec? codec) && folder.Length > 0 && (codec is not null || folder.IsEncrypted || folder.PackedLength >= folder.Length);
        // What was encrypted is not kept on disk: the tier has no part in the password.
        bool isTranscoded = isKnown && codec is not null && !folder.IsEncrypted && folder.Length > ShortLength && mode.Applies(codec);
        return new FolderDecoding(isKnown, codec, isTranscoded);
    }

    private async Task<Errno> LoadLaterAsync(int folder, long index, Memory<byte> destination)
    {
        // Deriving a key takes a while. Others may open folders meanwhile, and end this one again.
        Task<Errno>? asked = null;
        while (asked is null)
        {
            if (!await _file.RunAsync(() => TryOpen(folder)).ConfigureAwait(false))
            {
                ReportDamage(folder, "it is encrypted in no way that is known, or cut off");
                return Errno.EIO;
            }
            asked = TryAsk(folder, index, destination);
        }
        return await asked.ConfigureAwait(false);
    }

    /// <summary>Null if the folder is not open.</summary>
    private Task<Errno>? TryAsk(int folder, long index, Memory<byte> destination)
    {
        // Under the lock, so that the stream is not ended between being found and being asked.
        lock (_lock)
        {
            for (LinkedListNode<OpenedFolder>? node = _open.First; node is not null; node = node.Next)
            {
                if (node.Value.Number == folder)
                {
                    _open.Remove(node);
                    _open.AddFirst(node);
                    ByteRange data = node.Value.Data;
                    return node.Value.Stream?.ReadBlockAsync(index, destination)
                        ?? _file.RunAsync(() => data.File.TryRead(data.Start + (index * DecodedStream.BlockLength), destination.Span) ? Errno.None : Errno.EIO);
                }
            }
        }
        return null;
    }

    private bool TryOpen(int number)
    {
        if (Open(number) is not { } opened)
        {
            return false;
        }
        DecodedStream? surplus = null;
        lock (_lock)
        {
            if (_open.Any(open => open.Number == number))
            {
                surplus = opened.Stream;
            }
            else
            {
                if (_open.Count == MaxOpen)
                {
                    surplus = _open.Last!.Value.Stream;
                    _open.RemoveLast();
                }
                _open.AddFirst(opened);
            }
        }
        surplus?.Dispose();
        return true;
    }

    private OpenedFolder? Open(int number)
    {
        PackedFolder folder = _listing.Folders[number];
        FolderDecoding decoding = _decodings[number];
        if (_opener.Open(folder) is not { } data || (decoding.Codec is null && data.End - data.Start < folder.Length))
        {
            return null;
        }
        DecodedStream? stream = decoding.Codec is null ? null
            : new DecodedStream(decoding.Codec, data, folder.Length, decoding.Codec.OpenPoints(data, SeekPoints.UsualBudget), new BlockSink(this, number), DecodersPerFolder) { ExpectedCrc = folder.Crc };
        return new OpenedFolder(number, data, stream);
    }

    /// <summary>Tells of the first file that is concerned; others of the folder may be, too.</summary>
    private void ReportDamage(int folder, string reason)
    {
        if (_file.IsClosed || Interlocked.Exchange(ref _told[folder], 1) != 0)
        {
            return;
        }
        for (int node = _listing.First; node < _listing.Tree.Count; node++)
        {
            if (_listing.GetContent(node)?.Folder == folder)
            {
                string remark = _listing.Folders[folder].IsEncrypted ? ", or the password is wrong" : "";
                _damage.Report(node, _listing.Tree.GetName(node), $"{reason}{remark}; this concerns what is packed with it, too");
                return;
            }
        }
    }

    /// <summary>How a folder is decoded.</summary>
    /// <param name="IsKnown">Whether there is a way.</param>
    /// <param name="Codec">Null if nothing is to be decoded.</param>
    /// <param name="IsTranscoded">Whether its blocks are kept on disk.</param>
    private sealed record FolderDecoding(bool IsKnown, Codec? Codec, bool IsTranscoded);

    /// <summary>A folder that is open.</summary>
    /// <param name="Number">Its number.</param>
    /// <param name="Data">What is decoded.</param>
    /// <param name="Stream">Null if nothing is to be decoded.</param>
    private sealed record OpenedFolder(int Number, ByteRange Data, DecodedStream? Stream);

    private sealed class BlockSink(FolderLoader loader, int folder) : IBlockSink
    {
        public void Add(long index, ReadOnlySpan<byte> block) => loader.Content.Add((ulong)folder, index, block);

        public void Keep(long index, ReadOnlySpan<byte> block)
        {
            if (loader._decodings[folder].IsTranscoded)
            {
                loader.Content.Keep((ulong)folder, index, block);
            }
        }

        public void ReportDamage(string reason) => loader.ReportDamage(folder, reason);
    }
}
