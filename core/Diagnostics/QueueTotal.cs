namespace Kaleidofs.Diagnostics;

/// <summary>How the queues of one number of a session do, the present one and those of earlier connections.</summary>
internal sealed class QueueTotal(int queue)
{
    public int Queue { get; } = queue;

    /// <summary>Whether it is served now.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Requests that wait for their source now.</summary>
    public long Outstanding { get; set; }

    /// <summary>Requests that were answered.</summary>
    public long Operations { get; set; }

    /// <summary>How often its thread found requests: <see cref="Operations"/> divided by this is the depth at which it is used.</summary>
    public long Batches { get; set; }

    /// <summary>How often its thread slept for want of work.</summary>
    public long Sleeps { get; set; }

    /// <summary>How often the other side was signalled.</summary>
    public long Signals { get; set; }
}
