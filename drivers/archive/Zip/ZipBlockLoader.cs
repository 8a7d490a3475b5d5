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

    /// <summary>Memory for one entry's seek points: a point a MiB up to some 200 MiB, fewer beyond.</summary>
    private const long SeekPointBudget = 4 << 20;

    private readonly ByteSource _file;
    private readonly ZipMemberReader _members;
    private readonly Tree _tree;
    private readonly EntryChecks _checks;
    private readonly DamageLog _damage;
    private readonly Lock _lock = new();
    private readonly Dictionary<int, LinkedListNode<(int Node, DecodedStream Stream)>> _streams = [];
    // The most recently used first.
    private readonly LinkedList<(int Node, DecodedStream Stream)> _order = new();

    public ZipBlockLoader(ByteSource file, ZipMemberReader members, Tree tree, EntryChecks checks, DamageLog damage, ContentCache cache, ulong source)
    {
        _file = file;
        _members = members;
        _tree = tree;
        _checks = checks;
        _damage = damage;
        Content = new DecodedContent(cache, source, this);
    }

    public DecodedContent Content { get; }

    public override ValueTask<Errno> LoadAsync(BlockKey key, Memory<byte> destination)
    {
        ValueTask<ZipMember> member = _members.GetAsync((int)key.Object);
        return new(member.IsCompletedSuccessfully ? LoadAsync(member.Result, (long)key.Index, destination) : LoadLaterAsync(member, (long)key.Index, destination));
    }

    private async Task<Errno> LoadLaterAsync(ValueTask<ZipMember> member, long index, Memory<byte> destination)
        => await LoadAsync(await member.ConfigureAwait(false), index, destination).ConfigureAwait(false);

    private Task<Errno> LoadAsync(ZipMember member, long index, Memory<byte> destination)
        => member.Refusal != Errno.None ? Task.FromResult(member.Refusal)
            : member.Size <= DecodedStream.BlockLength ? _file.RunAsync(() => DecodeWhole(member, destination.Span))
            : ReadBlockAsync(member, index, destination);

    /// <summary>A compressed entry's bytes for whoever reads an archive in them.</summary>
    public DecodedSource OpenMember(ZipMember member, MemberDetails details)
        => new(Open(member, details.SeekPointBudget), Content, (ulong)member.Entry, details.Cursors, details.Path, details.ModificationTime);

    public void Dispose()
    {
        lock (_lock)
        {
            foreach ((int _, DecodedStream stream) in _order)
            {
                stream.Dispose();
            }
            _order.Clear();
            _streams.Clear();
        }
    }

    private Errno DecodeWhole(ZipMember member, Span<byte> destination)
    {
        using StreamCursor cursor = member.Codec!.Open(GetRange(member), points: null);
        string? reason =
            !cursor.TryRead(destination, out int count) ? (cursor.Failure == StreamFailure.Unreadable ? "it cannot be read" : $"its {member.Codec.Name} data is damaged")
            : count < destination.Length || !cursor.TryReadEnd() ? "its size is not what the archive says"
            : cursor.Crc != member.Crc ? "its checksum is wrong"
            : null;
        if (reason is null)
        {
            return Errno.None;
        }
        ReportDamage(member.Entry, reason);
        return Errno.EIO;
    }

    private void ReportDamage(int entry, string reason)
    {
        if (!_file.IsClosed)
        {
            _checks.SetDamaged(entry);
            _damage.Report(entry, _tree.GetName(entry), reason);
        }
    }

    private Task<Errno> ReadBlockAsync(ZipMember member, long index, Memory<byte> destination)
    {
        // Under the lock, so that the stream is not ended between being found and being asked.
        lock (_lock)
        {
            if (_streams.TryGetValue(member.Entry, out LinkedListNode<(int Node, DecodedStream Stream)>? node))
            {
                _order.Remove(node);
            }
            else
            {
                node = new((member.Entry, Open(member)));
                _streams.Add(member.Entry, node);
                if (_order.Count == MaxStreams)
                {
                    (int oldest, DecodedStream stream) = _order.Last!.Value;
                    _order.RemoveLast();
                    _streams.Remove(oldest);
                    stream.Dispose();
                }
            }
            _order.AddFirst(node);
            return node.Value.Stream.ReadBlockAsync(index, destination);
        }
    }

    private DecodedStream Open(ZipMember member, long seekPointBudget = SeekPointBudget)
    {
        ByteRange range = GetRange(member);
        Codec codec = member.Codec!;
        BlockSink sink = new(this, member.Entry);
        return new DecodedStream(codec, range, member.Size, codec.OpenPoints(range, seekPointBudget), sink, DecodersPerStream) { ExpectedCrc = member.Crc };
    }

    private ByteRange GetRange(ZipMember member) => new(_file, member.Start, member.Start + member.CompressedSize);

    private sealed class BlockSink(ZipBlockLoader loader, int node) : IBlockSink
    {
        public void Add(long index, ReadOnlySpan<byte> block) => loader.Content.Add((ulong)node, index, block);

        public void ReportDamage(string reason) => loader.ReportDamage(node, reason);
    }
}
