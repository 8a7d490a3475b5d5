namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>Where a driver may spend its time.</summary>
public enum BurningPlace
{
    /// <summary>While it is asked: on the queue's own thread.</summary>
    QueueThread,

    /// <summary>On the thread pool, which all shares have in common.</summary>
    ThreadPool,

    /// <summary>On the threads that its share has for work that waits.</summary>
    ShareThreads,
}
