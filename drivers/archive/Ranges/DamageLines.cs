namespace Kaleidofs.Drivers.Archive.Ranges;

/// <summary>Tells what is wrong with an archive when it is opened: a few lines, however often.</summary>
internal sealed class DamageLines(string archive, DriverLog log)
{
    private const int MaxLines = 10;

    private int _count;

    /// <summary>Tells one thing, with its end where it becomes too much.</summary>
    public void Add(string problem)
    {
        if (_count++ < MaxLines)
        {
            log.Warning($"{archive}: {problem}");
        }
        else if (_count == MaxLines + 1)
        {
            log.Warning($"{archive}: further damage is not told");
        }
    }
}
