namespace Kaleidofs;

/// <summary>
/// Turns a source into a <see cref="FileSystem"/>. One instance a process, made by its parameterless
/// constructor; declared by <see cref="DriverAttribute"/> on the assembly.
/// </summary>
public abstract class Driver
{
    /// <summary>The options that <c>-o</c> takes for this driver.</summary>
    public virtual IReadOnlyList<DriverOption> Options => [];

    /// <summary>
    /// Whether a plain path (no scheme) is a source of this driver's kind.
    /// </summary>
    /// <param name="path">The path as given; it exists.</param>
    /// <param name="head">The first bytes of the file, up to 512; empty for a directory.</param>
    public virtual bool Recognizes(string path, ReadOnlySpan<byte> head) => false;

    /// <summary>Opens a source.</summary>
    /// <exception cref="SourceException">It cannot be opened; the message is the one line that the user sees.</exception>
    public abstract ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Puts changes into a source that <see cref="OpenAsync"/> opens. Whenever the process ends, the source is the old one
    /// or the new one, whole.
    /// </summary>
    /// <exception cref="SourceException">They cannot be made, and the source is as it was; the message is the one line that the user sees.</exception>
    public virtual ValueTask<CommittedSource> CommitAsync(DriverContext context, ChangeSet changes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        throw new SourceException($"{context.Source}: its driver cannot put changes into a source; keep them in the overlay");
    }

    /// <summary>Makes the index of a source ahead, and keeps it where the next <see cref="OpenAsync"/> finds it.</summary>
    /// <param name="context">The source.</param>
    /// <param name="progress">Hears how much of the work is done, from 0 to 1; at any rate, on any thread.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="SourceException">It cannot be made or kept, or this driver keeps none.</exception>
    public virtual ValueTask<SourceIndex> IndexAsync(DriverContext context, IProgress<double> progress, CancellationToken cancellationToken)
        => throw new SourceException("this kind of source has no index that could be kept: it opens without") { IsUsageError = true };

    /// <summary>What <see cref="RunAsync"/> can do.</summary>
    public virtual IReadOnlyList<DriverCommand> Commands => [];

    /// <summary>Runs one of <see cref="Commands"/> on a source.</summary>
    /// <param name="command">Its name.</param>
    /// <param name="context">The source.</param>
    /// <param name="output">The standard output: text in UTF-8, or whatever the command makes.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="SourceException">It cannot be done; the message is the one line that the user sees.</exception>
    public virtual ValueTask RunAsync(string command, DriverContext context, Stream output, CancellationToken cancellationToken)
        => throw new SourceException($"this driver has no command '{command}'") { IsUsageError = true };
}
