namespace Kaleidofs.Host.Cli;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    /// <summary>Done, or told to stop.</summary>
    public const int Success = 0;
    /// <summary>The source or a server failed.</summary>
    public const int Failure = 1;
    /// <summary>Bad usage.</summary>
    public const int Usage = 2;
}
