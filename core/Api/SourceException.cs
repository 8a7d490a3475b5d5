namespace Kaleidofs;

/// <summary>A source cannot be opened. The message is one line: what failed, on what, and what to do.</summary>
public sealed class SourceException : Exception
{
    /// <summary>A failure without words.</summary>
    public SourceException()
    {
    }

    /// <summary>A failure.</summary>
    public SourceException(string message) : base(message)
    {
    }

    /// <summary>A failure with what caused it.</summary>
    public SourceException(string message, Exception innerException) : base(message, innerException)
    {
    }

    /// <summary>Whether the user asked for something that does not exist (exit code 2) rather than the source failing (1).</summary>
    public bool IsUsageError { get; init; }
}
