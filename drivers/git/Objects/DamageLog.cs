namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>One line for each thing that is damaged or missing, and not more than some hundred in all: a guest can ask for it again and again.</summary>
internal sealed class DamageLog(DriverLog log)
{
    private const int MaxLines = 200;

    private readonly HashSet<string> _written = [];

    public void Write(string line)
    {
        lock (_written)
        {
            if (_written.Count < MaxLines && _written.Add(line))
            {
                log.Error(_written.Count < MaxLines ? line : line + " (more of this kind is not logged)");
            }
        }
    }
}
