using System.Security.Cryptography;
using System.Text;
using Kaleidofs.Drivers.S3.Client;
using Kaleidofs.Drivers.S3.Keys;
using Kaleidofs.Drivers.S3.Reading;
using Kaleidofs.Drivers.S3.Renaming;
using Kaleidofs.Drivers.S3.Writing;
using Kaleidofs.Paths;

namespace Kaleidofs.Drivers.S3;

/// <summary>A bucket, or what is under a prefix of one, as a tree.</summary>
internal sealed partial class S3FileSystem : PathFileSystem
{
    private readonly Bucket _bucket;
    private readonly S3Address _address;
    private readonly ContentReader _reader;
    private readonly StagingFolder _staging;
    private readonly UploadJournal _journal;
    private readonly RenameJournal _renames;
    private readonly long _maxRenamed;
    private readonly Errno _conflict;
    private readonly bool _hasExtendedAttributes;
    private readonly bool _showsVersions;
    private readonly FileReader _files;
    private readonly DriverLog _log;
    private readonly long _opened = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public S3FileSystem(Bucket bucket, S3Address address, S3Options options, DriverContext context, PathNumbers? numbers)
        : base(ObjectFacts.OfDirectory(marker: null, DateTimeOffset.UtcNow.ToUnixTimeSeconds(), component: null), new PathTimes(options.Ttl, options.NegativeTtl), numbers)
    {
        _bucket = bucket;
        _address = address;
        _files = context.Files;
        _log = context.Log;
        _staging = new StagingFolder(options.Staging, options.StagingRoom);
        _journal = new UploadJournal(_staging, options.Endpoint ?? "aws", address.Bucket, context.Files, context.Log);
        _renames = new RenameJournal(_staging, options.Endpoint ?? "aws", address.Bucket, context.Files, context.Log);
        _maxRenamed = options.RenameDirectories;
        _conflict = options.Conflict;
        _hasExtendedAttributes = options.HasExtendedAttributes;
        _showsVersions = options.ShowsVersions;
        _reader = new ContentReader(bucket, new BlockStore(context, GetCacheIdentity(options, address)), new ReadAheadBudget(options.ReadAhead), Ending);
    }

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
        int size = (int)Math.Min(node.Attributes.Size, ObjectFacts.MaxTarget);
        byte[] target = new byte[size];
        Errno errno = await _reader.ReadAllAsync(GetKey(node), ((S3State)node.State!).Version, target).ConfigureAwait(false);
        if (errno == Errno.ESTALE)
        {
            Expire(node);
        }
        return errno != Errno.None ? errno : target.AsSpan().Contains((byte)0) ? Errno.EIO : new ReadOnlyMemory<byte>(target);
    }

    /// <summary>Gives up uploads that a dead process left, and finishes or undoes its renames.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await _journal.RecoverAsync(_bucket, cancellationToken).ConfigureAwait(false);
        await _renames.RecoverAsync(_bucket, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await SyncFileSystemAsync(default).ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
        _bucket.Dispose();
    }

    /// <inheritdoc/>
    protected override ValueTask<Errno> ReadDirectoryAsync(PathNode directory, PathListing listing, CancellationToken cancellationToken)
    {
        if (GetEarlier(directory) is { } place)
        {
            return ReadEarlierAsync(place, listing, cancellationToken);
        }
        bool hasVersions = _showsVersions && directory == Root;
        if (hasVersions)
        {
            listing.Add(VersionsName, DescribeVersions());
        }
        return new(new DirectoryListing(_bucket, GetPrefix(directory), _opened, listing, hasVersions ? VersionsText : null).ReadAsync(cancellationToken));
    }

    /// <inheritdoc/>
    protected override PathFacts Merge(PathNode known, in PathFacts told)
    {
        (S3State before, S3State now) = ((S3State)known.State!, (S3State)told.State!);
        if (!before.Version.IsSame(now.Version) && now.Version != default)
        {
            return told;
        }
        // A listing has no metadata, and says nothing of a directory: what was asked about the same bytes holds.
        return now.Metadata is null && before.Metadata is not null
            ? new PathFacts(known.Attributes, before with { Version = now.Version == default ? before.Version : now.Version })
            : new PathFacts(told.Attributes, now with { IsCachedByKernel = before.IsCachedByKernel });
    }

    /// <summary>What is in the cache is not encrypted: only who has the key may find it there.</summary>
    private static string GetCacheIdentity(S3Options options, S3Address address)
        => $"s3 {options.Endpoint ?? "aws"} {address.Bucket}{(options.CustomerKey is { } key ? $" {key.Name}" : "")}";

    /// <summary>What the keys in a directory begin with.</summary>
    private string GetPrefix(PathNode directory) => directory == Root ? _address.Prefix : GetPrefix(directory.Parent!) + GetComponent(directory) + "/";

    /// <summary>The key of a file or a link.</summary>
    private string GetKey(PathNode node)
        => GetEarlier(node) is { } place ? place.Key : GetPrefix(node.Parent!) + GetComponent(node) + ((node.Mode & FileType.Mask) == FileType.SymbolicLink ? ObjectFacts.LinkSuffix : "");

    private static string GetComponent(PathNode node)
        => ((S3State)node.State!).Component ?? (KeyName.TryDecode(node.Name.Span, out DecodedName decoded) ? decoded.Component : Encoding.UTF8.GetString(node.Name.Span));

    /// <summary>A path in a line of the log.</summary>
    private string Describe(PathNode node) => $"'{string.Concat(GetKey(node).Select(character => char.IsControl(character) ? '?' : character))}'";

    private void SetState(PathNode node, S3State state) => SetState(node, (object)state);

    /// <summary>A number for the bytes of one version of an object: the same in every process, which may share what is kept of them.</summary>
    private static ulong GetContentNumber(string key, ObjectVersion version, long size)
        => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes($"{size} {version.ETag} {key}")));
}
