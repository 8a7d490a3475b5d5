namespace Kaleidofs;

/// <summary>Where a driver says what an operator should know. Never a secret, and never once per operation.</summary>
public abstract class DriverLog
{
    /// <summary>Drops everything.</summary>
    public static DriverLog Silent { get; } = new SilentLog();

    /// <summary>Something worth knowing that needs no action.</summary>
    public abstract void Information(string message);

    /// <summary>Something that the operator may want to change.</summary>
    public abstract void Warning(string message);

    /// <summary>Something that failed.</summary>
    public abstract void Error(string message, Exception? exception = null);

    private sealed class SilentLog : DriverLog
    {
        public override void Information(string message)
        {
        }

        public override void Warning(string message)
        {
        }

        public override void Error(string message, Exception? exception = null)
        {
        }
    }
}
