using System.Globalization;
using System.Text;
using Kaleidofs.Drivers.Llm.Generating;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm;

/// <summary>Attributes, provenance, and asking for a file anew.</summary>
internal sealed partial class LlmFileSystem
{
    private const string Prefix = "user.llm.";
    private const string PromptName = Prefix + "prompt";

    private const int MaxPrompt = 16 << 10;

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle)
    {
        if (!_world.TryGet(inode, out WorldNode? node))
        {
            return new(Errno.ESTALE);
        }
        if (node.IsUnfinished && _generator.IsFree && !_isStreaming)
        {
            return new(WriteAndGetAsync(context, node));
        }
        // Whoever generates it now will know its size: whoever asks meanwhile is told the truth, a little later.
        return !_isStreaming && node is { IsUnfinished: true, Flight.Completion.IsCompleted: false } ? new(WaitAndGetAsync(context, node, node.Flight)) : new(Get(node));
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change)
    {
        if (_world.IsFrozen)
        {
            return Errno.EROFS;
        }
        if (!_world.TryGet(inode, out WorldNode? node))
        {
            return Errno.ESTALE;
        }
        if (change.Size is { } size)
        {
            if (!node.Facts.IsFile)
            {
                return node.Facts.IsDirectory ? Errno.EISDIR : Errno.EINVAL;
            }
            if (size > long.MaxValue)
            {
                return Errno.EFBIG;
            }
            Hold(node);
            Errno resized = await SetLengthAsync(context, node, (long)size).ConfigureAwait(false);
            Unhold(node);
            if (resized != Errno.None)
            {
                return resized;
            }
        }
        Timestamp? modified = change.ModificationTimeNow ? Now : change.ModificationTime;
        if (change.Mode is not null || change.UserId is not null || change.GroupId is not null || modified is not null)
        {
            Errno errno = await _world.ChangeAsync(records =>
            {
                NodeFacts facts = node.Facts;
                records.AddNode(facts with
                {
                    Mode = change.Mode is { } mode ? (facts.Mode & FileType.Mask) | (mode & PermissionMask) : facts.Mode,
                    UserId = change.UserId ?? facts.UserId,
                    GroupId = change.GroupId ?? facts.GroupId,
                    ModificationTime = modified ?? GetModificationTime(node),
                    ChangeTime = Now,
                });
                return Errno.None;
            }).ConfigureAwait(false);
            if (errno == Errno.None && modified is { } time)
            {
                node.DataTime = time;
            }
            if (errno != Errno.None)
            {
                return errno;
            }
        }
        return Get(node);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> GetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
    {
        if (!_world.TryGet(inode, out WorldNode? node))
        {
            return new(Errno.ESTALE);
        }
        string wanted = Encoding.UTF8.GetString(name.Span);
        return new(Describe(node).FirstOrDefault(attribute => attribute.Name == wanted) is { Value: { } value }
            ? new Result<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes(value))
            : Errno.ENODATA);
    }

    /// <inheritdoc/>
    public override ValueTask<Result<ReadOnlyMemory<byte>>> ListExtendedAttributesAsync(RequestContext context, ulong inode)
        => _world.TryGet(inode, out WorldNode? node)
            ? new(new Result<ReadOnlyMemory<byte>>(Encoding.UTF8.GetBytes(string.Concat(Describe(node).Select(attribute => attribute.Name + "\0")))))
            : new(Errno.ESTALE);

    /// <inheritdoc/>
    public override async ValueTask<Errno> SetExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> value, uint flags)
    {
        if (_world.IsFrozen)
        {
            return Errno.EROFS;
        }
        if (!_world.TryGet(inode, out WorldNode? node))
        {
            return Errno.ESTALE;
        }
        if (Encoding.UTF8.GetString(name.Span) != PromptName)
        {
            return Errno.EOPNOTSUPP;
        }
        if (!node.Facts.IsFile || value.Length > MaxPrompt || node.Parent?.Name == History.DirectoryName)
        {
            return value.Length > MaxPrompt ? Errno.E2BIG : Errno.EINVAL;
        }
        string prompt = Encoding.UTF8.GetString(value.Span);
        return await _world.ChangeAsync(records => Regenerate(records, node, prompt), isDurable: true).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> RemoveExtendedAttributeAsync(RequestContext context, ulong inode, ReadOnlyMemory<byte> name)
        => new(_world.IsFrozen ? Errno.EROFS : Errno.EOPNOTSUPP);

    private static Timestamp GetModificationTime(WorldNode node) => node.Content.IsWritten ? node.DataTime : node.Facts.ModificationTime;

    /// <summary>What there is goes into the history, and the file begins anew.</summary>
    private Errno Regenerate(RecordWriter records, WorldNode file, string prompt)
    {
        if (file.Parent is not { } parent)
        {
            return Errno.ESTALE;
        }
        Timestamp now = Now;
        if (file.Content.Length > 0 || file.Content.IsFinal)
        {
            byte[] historyName = Encoding.UTF8.GetBytes(History.DirectoryName);
            WorldNode? history = parent.Find(historyName);
            if (history is { Facts.IsDirectory: false })
            {
                return Errno.ENOTDIR;
            }
            ulong next = 0;
            ulong directory = history?.Inode ?? _world.NextInode;
            if (history is null)
            {
                records.AddNode(Make(directory, parent.Inode, next++, historyName, FileType.Directory | 0b111_101_101));
                records.AddListed(directory, "earlier generations", ByUser);
            }
            int number = 1;
            byte[] name;
            do
            {
                string suffix = string.Create(CultureInfo.InvariantCulture, $".{number++}");
                byte[] stem = file.Facts.Name.Length + suffix.Length <= MaxNameLength ? file.Facts.Name : file.Facts.Name[..(MaxNameLength - suffix.Length)];
                name = [.. stem, .. Encoding.UTF8.GetBytes(suffix)];
            }
            while (history?.Find(name) is not null);
            ulong kept = _world.NextInode + next;
            records.AddNode(Make(kept, directory, next, name, file.Facts.Mode) with { About = file.Facts.About, ModificationTime = GetModificationTime(file) });
            records.AddMoved(file.Inode, kept);
        }
        records.AddPrompted(file.Inode, prompt);
        records.AddNode(file.Facts with { ModificationTime = now, ChangeTime = now });
        return Errno.None;

        NodeFacts Make(ulong inode, ulong directory, ulong index, byte[] name, uint mode) => new()
        {
            Inode = inode,
            Parent = directory,
            Sequence = _world.NextSequence + index,
            Name = name,
            Mode = mode,
            UserId = file.Facts.UserId,
            GroupId = file.Facts.GroupId,
            ModificationTime = now,
            ChangeTime = now,
            Origin = file.Facts.Origin,
        };
    }

    private async Task<Result<CachedAttributes>> WriteAndGetAsync(RequestContext context, WorldNode node)
    {
        // What fails here fails again where it is read; that it is there can be said.
        return await _generator.EnsureContentAsync(node, context.CancellationToken).ConfigureAwait(false) == Errno.EINTR ? Errno.EINTR : Get(node);
    }

    private async Task<Result<CachedAttributes>> WaitAndGetAsync(RequestContext context, WorldNode node, Flight flight)
    {
        try
        {
            await flight.Completion.WaitAsync(context.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Errno.EINTR;
        }
        return Get(node);
    }

    private Result<CachedAttributes> Get(WorldNode node)
    {
        lock (_world.Gate)
        {
            return new CachedAttributes(node.GetAttributes(_unclaimed), node.IsUnfinished ? CacheTime.None : KnownTime);
        }
    }

    /// <summary>Where an entry came from. What a user made has no such attributes, but for those that say what is asked of it.</summary>
    private List<(string Name, string Value)> Describe(WorldNode node)
    {
        List<(string, string)> attributes = [];
        lock (_world.Gate)
        {
            Content content = node.Content;
            bool isOfUser = node.Facts.IsFile ? content.IsWritten : node.Facts.Origin == Origin.User;
            if (!isOfUser)
            {
                Add("generated", "1");
                bool isThere = node.Facts.IsDirectory ? node.IsListed : content.IsFinal;
                Add("state", node.Flight is { Completion.IsCompleted: false } ? "generating" : isThere ? "final" : node.Failure is not null ? "failed" : content.Length > 0 ? "partial" : "named");
                if (node.Facts.About.Length > 0)
                {
                    Add("about", node.Facts.About);
                }
            }
            if (node.Failure is { } failure)
            {
                Add("error", failure.Reason);
            }
            if (node.Prompt.Length > 0)
            {
                Add("prompt", node.Prompt);
            }
            if ((node.Facts.IsDirectory ? node.Listing : content.Provenance) is { Model.Length: > 0 } provenance)
            {
                Add("model", provenance.Model);
                Add("prompt_sha256", provenance.PromptDigest);
                Add("tokens", provenance.Usage.Tokens.ToString(CultureInfo.InvariantCulture));
                Add("cost", (provenance.Usage.CostInMillionths / 1e6).ToString(CultureInfo.InvariantCulture));
                Add("generated_at", provenance.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            }
            if (node.Inode == RootInode)
            {
                Add("spent", SpentText.Write(_generator.Budget));
            }
        }
        return attributes;

        void Add(string name, string value) => attributes.Add((Prefix + name, value));
    }
}
