using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Decodes the blocks of compressed entries: small entries at once, long ones by streams that stay open for a while.</summary>
internal sealed class ZipBlockLoader : BlockLoader, IDisposable
{
    /// <summary>Entries that are open for decoding at a time: each costs a decoder or two of 140 KB, and its seek points.</summary>
    private const int MaxStreams = 32;

    /// <summary>Decoders in one entry: two readers at different places of it do not move each other.</summary>
    private const int DecodersPerStream = 4;

    /// <summary>Memory for the seek points of all entries that are open.</summary>
    private const long SeekPointsBudget = 128 << 20;

    /// <summary>Memory for one entry's seek points, however short it is.</summary>
    private const long LeastBudget = 4 << 20;

    /// <summary>Entries up to this length are not transcoded: decoding such a one from its beginning takes some tens of milliseconds.</summary>
    public const long ShortLength = 16 << 20;

    /// <summary>
    /// Entries up to this length are decoded on the asking thread, if that needs no waiting and the codec is fast: that takes some
    /// 200 us at most, as long as it takes two threads to hand a small file over and back.
    /// </summary>
    private const int AtOnceLength = 64 << 10;

    private readonly ByteSource _file;
    private readonly AtHandSource _atHand;
    private readonly ZipMemberReader _members;
    private readonly Tree _tree;
    private readonly EntryChecks _checks;
    private readonly DamageLog _damage;
    private readonly TranscodeMode _transcode;
    private readonly KeptSeekPoints _kept;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, LinkedListNode<(ZipMember Member, DecodedStream Stream)>> _streams = [];
    // The most recently used first.
    private readonly LinkedList<(ZipMember Member, DecodedStream Stream)> _order = new();

    public ZipBlockLoader(ByteSource file, ZipMemberReader members, Tree tree, EntryChecks checks, DamageLog damage, ContentCache cache, ulong source, TranscodeMode transcode, KeptSeekPoints kept)
    {
        _file = file;
        _atHand = new AtHandSource(file);
        _members = members;
        _tree = tree;
        _checks = checks;
        _damage = damage;
        _transcode = transcode;
        _kept = kept;
        Content = new DecodedContent(cache, source, this);
    }

    public DecodedContent Content { get; }

    public override ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination)
    {
        ValueTask<ZipMember> member = _members.GetAsync((int)key.Object);
        return !member.IsCompletedSuccessfully ? new(LoadLaterAsync(member, (long)key.Index, destination))
            : TryDecodeNow(member.Result, destination.Span, out Errno errno) ? new(errno)
            : new(LoadAsync(member.Result, (long)key.Index, destination));
    }

    private async Task<Errno> LoadLaterAsync(ValueTask<ZipMember> member, long index, Memory<byte> destination)
        => await LoadAsync(await member.ConfigureAwait(false), index, destination).ConfigureAwait(false);

    private Task<Errno> LoadAsync(ZipMember member, long index, Memory<byte> destination)
        => member.Refusal != Errno.None ? Task.FromResult(member.Refusal)
            : member.IsStored ? DecryptAsync(member, index * DecodedStream.BlockLength, destination)
            : member.Size <= DecodedStream.BlockLength ? _file.RunAsync(() => Decode(member, member.Data, destination.Span).Outcome)
            : ReadBlockAsync(member, index, destination);

    /// <summary>Finds the seek points of long entries ahead, and keeps them for those who open the archive later.</summary>
    public async Task PrepareAsync(OpeningProgress progress)
    {
        await _kept.Loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        LongEntryScan scan = await _file.RunAsync(() => new LongEntryScan(FindLongEntries(), Open, progress)).ConfigureAwait(false);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(Environment.ProcessorCount, scan.Count)).Select(_ => _file.RunAsync(scan.Run))).ConfigureAwait(false);
        }
        finally
        {
            // Also of what was interrupted: the next time goes on from there.
            await _file.RunAsync(() => _kept.Save(scan.Found)).ConfigureAwait(false);
        }
    }

    /// <summary>A compressed entry's bytes for whoever reads an archive in them.</summary>
    public DecodedSource OpenMember(ZipMember member, MemberDetails details)
        => new(Open(member, details.SeekPointBudget), Content, (ulong)member.Entry, details.Cursors, details.Path, details.ModificationTime);

    public void Dispose()
    {
        (ZipMember Member, DecodedStream Stream)[] open;
        lock (_lock)
        {
            open = [.. _order];
            _order.Clear();
            _streams.Clear();
        }
        foreach ((ZipMember _, DecodedStream stream) in open)
        {
            stream.Dispose();
        }
        _kept.Save(open.Select(entry => (entry.Member, entry.Stream.Points)));
    }

    /// <summary>A block of a stored and encrypted entry. In turns: the way to it may be long, and others wait for the thread, too.</summary>
    private async Task<Errno> DecryptAsync(ZipMember member, long position, Memory<byte> destination)
    {
        while (!await _file.RunAsync(() => member.Decryption!.TryApproach(position)).ConfigureAwait(false))
        {
        }
        return await _file.RunAsync(() => member.Data.File.TryRead(position, destination.Span)).ConfigureAwait(false) ? Errno.None : Errno.EIO;
    }

    /// <summary>Decodes a short entry that is in memory; false if that would mean to wait, or to keep the asking thread for long.</summary>
    private bool TryDecodeNow(ZipMember member, Span<byte> destination, out Errno errno)
    {
        errno = Errno.None;
        if (member.Size > AtOnceLength || member.Codec is not { IsFast: true } || member.Decryption is not null || member.Refusal != Errno.None)
        {
            return false;
        }
        (errno, StreamFailure failure) = Decode(member, member.Data with { File = _atHand }, destination);
        return failure != StreamFailure.Unreadable;
    }

    private (Errno Outcome, StreamFailure Failure) Decode(ZipMember member, ByteRange data, Span<byte> destination)
    {
        using StreamCursor cursor = member.Codec!.Open(data, points: null);
        bool isDecoded = cursor.TryRead(destination, out int count);
        bool isWhole = isDecoded && count == destination.Length && cursor.TryReadEnd();
        if (isWhole && (member.Crc is not uint expected || cursor.Crc == expected))
        {
            return (Errno.None, StreamFailure.None);
        }
        bool isUnreadable = !isWhole && cursor.Failure == StreamFailure.Unreadable;
        if (!isUnreadable || data.File != _atHand)
        {
            ReportDamage(member, isUnreadable ? "it cannot be read"
                : !isDecoded ? $"its {member.Codec.Name} data is damaged"
                : !isWhole ? "its size is not what the archive says"
                : "its checksum is wrong");
        }
        return (Errno.EIO, isUnreadable ? StreamFailure.Unreadable : StreamFailure.Damaged);
    }

    private void ReportDamage(ZipMember member, string reason)
    {
        if (!_file.IsClosed)
        {
            _checks.SetDamaged(member.Entry);
            _damage.Report(member.Entry, _tree.GetName(member.Entry), member.Decryption is { MayHaveWrongPassword: true } ? $"{reason}, or the password is wrong" : reason);
        }
    }

    private Task<Errno> ReadBlockAsync(ZipMember member, long index, Memory<byte> destination)
        => _kept.Loading.IsCompleted ? ReadFromStreamAsync(member, index, destination) : ReadLaterAsync(member, index, destination);

    private async Task<Errno> ReadLaterAsync(ZipMember member, long index, Memory<byte> destination)
    {
        await _kept.Loading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await ReadFromStreamAsync(member, index, destination).ConfigureAwait(false);
    }

    private Task<Errno> ReadFromStreamAsync(ZipMember member, long index, Memory<byte> destination)
    {
        // Under the lock, so that the stream is not ended between being found and being asked.
        lock (_lock)
        {
            if (_streams.TryGetValue(member.Entry, out LinkedListNode<(ZipMember Member, DecodedStream Stream)>? node))
            {
                _order.Remove(node);
            }
            else
            {
                MakeRoom();
                node = new((member, Open(member, GetBudget(member))));
                _streams.Add(member.Entry, node);
            }
            _order.AddFirst(node);
            return node.Value.Stream.ReadBlockAsync(index, destination);
        }
    }

    /// <summary>Ends the streams that nobody has read for the longest time, where there are too many, or their points too large.</summary>
    private void MakeRoom()
    {
        long cost = _order.Sum(open => open.Stream.Points.Cost);
        while (_order.Count > 0 && (_order.Count >= MaxStreams || cost > SeekPointsBudget))
        {
            (ZipMember oldest, DecodedStream stream) = _order.Last!.Value;
            _order.RemoveLast();
            _streams.Remove(oldest.Entry);
            cost -= stream.Points.Cost;
            stream.Dispose();
        }
    }

    private static long GetBudget(ZipMember member) => Math.Clamp(member.Size / 32, LeastBudget, SeekPoints.UsualBudget);

    /// <summary>The longest entries whose points can be kept, in the archive's order, and what memory the points of each may take.</summary>
    private List<(ZipMember Member, long Budget)> FindLongEntries()
    {
        List<(ZipMember Member, long Budget)> found =
        [
            .. Enumerable.Range(_members.First, _members.Count)
                .Where(entry => _tree.GetSize(entry) >= KeptSeekPoints.LeastLength && (_tree.GetMode(entry) & FileType.Mask) == FileType.Regular)
                .OrderByDescending(_tree.GetSize)
                .Select(_members.Get)
                .Where(member => member is { Refusal: Errno.None, IsStored: false } && KeptSeekPoints.CanKeep(member))
                .Take(KeptSeekPoints.MaxEntries)
                .OrderBy(member => member.Data.Start)
                .Select(member => (member, GetBudget(member))),
        ];
        double share = Math.Min(1, SeekPointsBudget / (double)Math.Max(found.Sum(entry => entry.Budget), 1));
        return [.. found.Select(entry => (entry.Member, (long)(entry.Budget * share)))];
    }

    private DecodedStream Open(ZipMember member, long seekPointBudget)
    {
        Codec codec = member.Codec!;
        BlockSink sink = new(this, member, member.Decryption is null && member.Size > ShortLength && _transcode.Applies(codec));
        return new DecodedStream(codec, member.Data, member.Size, _kept.Open(member, seekPointBudget), sink, DecodersPerStream) { ExpectedCrc = member.Crc };
    }

    private sealed class BlockSink(ZipBlockLoader loader, ZipMember member, bool isTranscoded) : IBlockSink
    {
        public void Add(long index, ReadOnlySpan<byte> block) => loader.Content.Add((ulong)member.Entry, index, block);

        public void Keep(long index, ReadOnlySpan<byte> block)
        {
            if (isTranscoded)
            {
                loader.Content.Keep((ulong)member.Entry, index, block);
            }
        }

        public void ReportDamage(string reason) => loader.ReportDamage(member, reason);
    }
}
