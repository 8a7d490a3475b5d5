namespace Kaleidofs.Drivers.Llm.Authors;

/// <summary>Who thinks of names and contents: a model, or the generator that is part of this driver.</summary>
internal abstract class Author : IDisposable
{
    /// <summary>Its name in provenance.</summary>
    public abstract string Name { get; }

    /// <summary>Whether it costs nothing, and next to no time.</summary>
    public virtual bool IsFree => false;

    /// <summary>Thinks of a directory's entries.</summary>
    public abstract Task<Outcome> ListAsync(ListingRequest request, CancellationToken cancellationToken);

    /// <summary>Writes a file's content, from the end of its beginning on.</summary>
    public abstract Task<Outcome> WriteAsync(ContentRequest request, ContentSink sink, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Closes connections.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
