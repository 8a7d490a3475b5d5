namespace Kaleidofs.Transforms;

/// <summary>A decorator that rewrites attributes wherever an operation returns or lists them.</summary>
/// <param name="inner">The filesystem behind.</param>
public abstract class AttributeTransform(FileSystem inner) : FileSystemDecorator(inner)
{
    /// <summary>Rewrites in place. Called on the queue's thread for every answer: no waiting, no allocating.</summary>
    protected abstract void Rewrite(ref Attributes attributes);

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LookupAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name) => Rewrite(base.LookupAsync(context, parent, name));

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> GetAttributesAsync(RequestContext context, ulong inode, ulong? handle) => Rewrite(base.GetAttributesAsync(context, inode, handle));

    /// <inheritdoc/>
    public override ValueTask<Errno> ListAsync(RequestContext context, ulong inode, ulong handle, ulong cookie, DirectoryWriter destination)
        => destination.IncludesLookup
            ? base.ListAsync(context, inode, handle, cookie, new RewritingWriter(this, destination))
            : base.ListAsync(context, inode, handle, cookie, destination);

    /// <inheritdoc/>
    public override ValueTask<Result<CachedAttributes>> SetAttributesAsync(RequestContext context, ulong inode, AttributeChange change) => Rewrite(base.SetAttributesAsync(context, inode, change));

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeNodeAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, uint deviceId) => Rewrite(base.MakeNodeAsync(context, parent, name, mode, deviceId));

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeDirectoryAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode) => Rewrite(base.MakeDirectoryAsync(context, parent, name, mode));

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> MakeSymbolicLinkAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> target) => Rewrite(base.MakeSymbolicLinkAsync(context, parent, name, target));

    /// <inheritdoc/>
    public override ValueTask<Result<Entry>> LinkAsync(RequestContext context, ulong inode, ulong newParent, ReadOnlyMemory<byte> newName) => Rewrite(base.LinkAsync(context, inode, newParent, newName));

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateAsync(RequestContext context, ulong parent, ReadOnlyMemory<byte> name, uint mode, OpenFlags flags)
        => Rewrite(base.CreateAsync(context, parent, name, mode, flags));

    /// <inheritdoc/>
    public override ValueTask<Result<CreatedFile>> CreateUnnamedAsync(RequestContext context, ulong parent, uint mode, OpenFlags flags)
        => Rewrite(base.CreateUnnamedAsync(context, parent, mode, flags));

    private async ValueTask<Result<CreatedFile>> Rewrite(ValueTask<Result<CreatedFile>> operation)
    {
        Result<CreatedFile> result = await operation.ConfigureAwait(false);
        return result.IsOk ? new CreatedFile(Rewritten(result.Value.Entry), result.Value.File) : result;
    }

    private ValueTask<Result<Entry>> Rewrite(ValueTask<Result<Entry>> operation)
    {
        return operation.IsCompletedSuccessfully ? new(Rewritten(operation.Result)) : WaitAsync(this, operation);

        static async ValueTask<Result<Entry>> WaitAsync(AttributeTransform self, ValueTask<Result<Entry>> operation)
            => self.Rewritten(await operation.ConfigureAwait(false));
    }

    private ValueTask<Result<CachedAttributes>> Rewrite(ValueTask<Result<CachedAttributes>> operation)
    {
        return operation.IsCompletedSuccessfully ? new(Rewritten(operation.Result)) : WaitAsync(this, operation);

        static async ValueTask<Result<CachedAttributes>> WaitAsync(AttributeTransform self, ValueTask<Result<CachedAttributes>> operation)
            => self.Rewritten(await operation.ConfigureAwait(false));
    }

    private Result<Entry> Rewritten(in Result<Entry> result) => result.IsOk ? Rewritten(result.Value) : result;

    private Result<CachedAttributes> Rewritten(in Result<CachedAttributes> result)
    {
        if (!result.IsOk)
        {
            return result;
        }
        Attributes attributes = result.Value.Attributes;
        Rewrite(ref attributes);
        return new CachedAttributes(in attributes, result.Value.Time);
    }

    private Entry Rewritten(Entry entry)
    {
        if (entry.Attributes.Inode != 0)
        {
            Rewrite(ref entry.Attributes);
        }
        return entry;
    }

    private sealed class RewritingWriter(AttributeTransform transform, DirectoryWriter destination) : DirectoryWriter
    {
        public override bool IncludesLookup => true;

        public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
            => destination.TryAdd(name, nextCookie, transform.Rewritten(entry));
    }
}
