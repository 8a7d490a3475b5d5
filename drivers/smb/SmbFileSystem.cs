using System.Buffers.Binary;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.Smb;

/// <summary>A share, or a directory of one, as a tree.</summary>
internal sealed partial class SmbFileSystem : PathFileSystem
{
    private const byte FullSizeInformation = 7;
    private const int FullSizeLength = 32;
    private const uint GetReparsePoint = 0x000900A8;
    private const int MaxReparseData = 16 << 10;

    private readonly SmbClient _client;
    private readonly SmbAddress _address;

    public SmbFileSystem(SmbClient client, SmbAddress address, SmbOptions options, in FileFacts root, PathNumbers? numbers)
        : base(SmbFacts.From(in root), new PathTimes(options.Ttl, options.Ttl), numbers)
    {
        _client = client;
        _address = address;
    }

    /// <summary>More than so many entries are no directory's, but a server's that does not end.</summary>
    internal int MaxListed { get; set; } = 10_000_000;

    /// <inheritdoc/>
    public override FileSystemInfo Info { get; } = new() { IsReadOnly = false };

    /// <inheritdoc/>
    public override async ValueTask<Result<ReadOnlyMemory<byte>>> ReadLinkAsync(RequestContext context, ulong inode)
    {
        Result<PathNode> given = await GetNodeAsync(context, inode).ConfigureAwait(false);
        if (!given.IsOk)
        {
            return given.Errno;
        }
        PathNode node = given.Value;
        if (!node.Attributes.IsSymbolicLink)
        {
            return Errno.EINVAL;
        }
        string path = GetPath(node);
        SmbResult<byte[]> data = await _client.RunAsync(
            async (share, _) =>
            {
                SmbResult<CreateAnswer> opened = await share.CreateAsync(path, new CreateParameters(AccessMask.ReadAttributes, Options: CreateOptions.OpenReparsePoint)).ConfigureAwait(false);
                if (!opened.IsOk)
                {
                    return opened.Status;
                }
                SmbResult<byte[]> data = await share.ControlAsync(opened.Value.Id, GetReparsePoint, ReadOnlyMemory<byte>.Empty, MaxReparseData).ConfigureAwait(false);
                await share.CloseAsync(opened.Value.Id).ConfigureAwait(false);
                return data;
            },
            context.CancellationToken).ConfigureAwait(false);
        return !data.IsOk ? data.Status.ToErrno() : ReparsePoint.TryGetTarget(data.Value) is { } target ? new ReadOnlyMemory<byte>(target) : Errno.EIO;
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<FileSystemStatistics>> GetStatisticsAsync(RequestContext context, ulong inode)
    {
        SmbResult<byte[]> sizes = await _client.RunAsync(
            async (share, _) =>
            {
                SmbResult<CreateAnswer> opened = await share.CreateAsync(_address.Directory, new CreateParameters(AccessMask.ReadAttributes)).ConfigureAwait(false);
                if (!opened.IsOk)
                {
                    return opened.Status;
                }
                SmbResult<byte[]> sizes = await share.QueryVolumeAsync(opened.Value.Id, FullSizeInformation, FullSizeLength).ConfigureAwait(false);
                await share.CloseAsync(opened.Value.Id).ConfigureAwait(false);
                return sizes;
            },
            context.CancellationToken).ConfigureAwait(false);
        if (!sizes.IsOk)
        {
            return sizes.Status.ToErrno();
        }
        if (sizes.Value.Length < FullSizeLength)
        {
            return Errno.EIO;
        }
        ulong unit = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(sizes.Value.AsSpan(24)) * BinaryPrimitives.ReadUInt32LittleEndian(sizes.Value.AsSpan(28));
        return unit is 0 or > 1u << 30
            ? Errno.EIO
            : new FileSystemStatistics
            {
                Blocks = BinaryPrimitives.ReadUInt64LittleEndian(sizes.Value),
                AvailableBlocks = BinaryPrimitives.ReadUInt64LittleEndian(sizes.Value.AsSpan(8)),
                FreeBlocks = BinaryPrimitives.ReadUInt64LittleEndian(sizes.Value.AsSpan(16)),
                BlockSize = (uint)unit,
                FragmentSize = (uint)unit,
                NameLength = MaxNameLength,
            };
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        foreach (OpenFile file in _handles.Values)
        {
            await file.Remote.CloseAsync().ConfigureAwait(false);
        }
        await base.DisposeAsync().ConfigureAwait(false);
        // Before the watch is waited for, which may be waiting for a connection.
        await _client.DisposeAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async ValueTask<Result<PathFacts>> FindAsync(PathNode directory, ReadOnlyMemory<byte> name, CancellationToken cancellationToken)
    {
        if (SmbName.TryEncode(name.Span) is not { } encoded || IsHidden(encoded))
        {
            return Errno.ENOENT;
        }
        string path = GetPath(directory);
        SmbResult<(FileFacts Facts, string Name)> found = await _client.RunAsync((share, _) => share.FindAsync(path, encoded), cancellationToken).ConfigureAwait(false);
        if (found.IsOk)
        {
            // A server that does not tell cases apart finds 'a' as 'A', too: then one file would be two.
            return found.Value.Name == encoded ? SmbFacts.From(found.Value.Facts) : Errno.ENOENT;
        }
        if (found.Status != NtStatus.AccessDenied)
        {
            return found.Status.ToErrno();
        }
        // A directory that may be passed through, but not listed.
        CreateParameters look = new(AccessMask.ReadAttributes, Options: CreateOptions.OpenReparsePoint);
        SmbResult<CreateAnswer> there = await _client.RunAsync((share, _) => share.TouchAsync(Join(path, encoded), look), cancellationToken).ConfigureAwait(false);
        return there.IsOk ? SmbFacts.From(there.Value.Facts) : there.Status.ToErrno();
    }

    /// <inheritdoc/>
    protected override async ValueTask<Errno> ReadDirectoryAsync(PathNode directory, PathListing listing, CancellationToken cancellationToken)
    {
        string path = GetPath(directory);
        CreateParameters list = new(AccessMask.ReadData | AccessMask.ReadAttributes, Options: CreateOptions.Directory);
        SmbResult<bool> read = await _client.RunAsync<bool>(
            async (share, _) =>
            {
                SmbResult<CreateAnswer> opened = await share.CreateAsync(path, list).ConfigureAwait(false);
                if (!opened.IsOk)
                {
                    return opened.Status;
                }
                NtStatus status = await ReadEntriesAsync(share, opened.Value.Id, listing, cancellationToken).ConfigureAwait(false);
                await share.CloseAsync(opened.Value.Id).ConfigureAwait(false);
                return status == NtStatus.Success ? true : status;
            },
            cancellationToken).ConfigureAwait(false);
        return read.Status == NtStatus.ObjectNameNotFound ? Errno.ESTALE : read.Status.ToErrno();
    }

    /// <inheritdoc/>
    protected override PathFacts Merge(PathNode known, in PathFacts told)
        => new(told.Attributes, (SmbState)told.State! with { CachedVersion = ((SmbState)known.State!).CachedVersion });

    private async Task<NtStatus> ReadEntriesAsync(SmbShare share, FileId id, PathListing listing, CancellationToken cancellationToken)
    {
        int count = 0;
        for (bool isFirst = true; ; isFirst = false)
        {
            SmbResult<byte[]> list = await share.ListAsync(id, isFirst, cancellationToken).ConfigureAwait(false);
            if (!list.IsOk)
            {
                return list.Status == NtStatus.NoMoreFiles || (isFirst && list.Status == NtStatus.NoSuchFile) ? NtStatus.Success : list.Status;
            }
            if (list.Value.Length == 0 || !AddEntries(list.Value, listing, ref count) || count > MaxListed)
            {
                return NtStatus.InvalidNetworkResponse;
            }
            listing.Publish();
        }
    }

    private static bool AddEntries(ReadOnlySpan<byte> list, PathListing listing, ref int count)
    {
        int at = 0;
        while (DirectoryEntries.TryRead(list, ref at, out FileFacts facts, out ReadOnlySpan<byte> wide, out bool isDamaged))
        {
            count++;
            if (SmbName.TryDecode(wide) is { } name && !IsHidden(name))
            {
                listing.Add(name, SmbFacts.From(in facts));
            }
            if (isDamaged)
            {
                return false;
            }
        }
        return at >= list.Length;
    }

    /// <summary>The path on the share.</summary>
    private string GetPath(PathNode node)
        => node == Root ? _address.Directory : Join(GetPath(node.Parent!), SmbName.TryEncode(node.Name.Span) ?? throw new InvalidOperationException("a name that was never found"));

    private static string Join(string directory, string name) => directory.Length == 0 ? name : $"{directory}\\{name}";
}
