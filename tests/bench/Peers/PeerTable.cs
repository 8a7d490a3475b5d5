namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>Works and who does them: each work a line, each contender a column, the contenders by turns.</summary>
/// <param name="title">What stands over the works.</param>
/// <param name="runs">How often each is measured; the median is shown.</param>
/// <param name="limitSeconds">After how many seconds a work is cut off.</param>
internal sealed class PeerTable(string title, int runs, int limitSeconds)
{
    private readonly List<(string Name, Func<string, Task<Figure>> Measure)> _contenders = [];

    /// <summary>Adds a column.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="measure">Does a work.</param>
    public void Add(string name, Func<string, Task<Figure>> measure) => _contenders.Add((name, measure));

    /// <summary>Measures, and writes a line after each work.</summary>
    public async Task ShowAsync(IEnumerable<string> works)
    {
        Console.WriteLine($"{title,-10} {string.Join(' ', _contenders.Select(contender => $"{contender.Name,16}"))}");
        foreach (string work in works)
        {
            List<Figure>[] measured = [.. _contenders.Select(_ => new List<Figure>())];
            for (int run = 0; run < runs; run++)
            {
                for (int i = 0; i < _contenders.Count; i++)
                {
                    measured[i].Add(await TryAsync(_contenders[i].Measure, work).ConfigureAwait(false));
                }
            }
            Console.WriteLine($"{work,-10} {string.Join(' ', measured.Select(figures => $"{Figure.Median(figures, limitSeconds),16}"))}");
        }
    }

    private static async Task<Figure> TryAsync(Func<string, Task<Figure>> measure, string work)
    {
        try
        {
            return await measure(work).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is IOException or InvalidOperationException)
        {
            Console.Error.WriteLine($"bench: {work}: {exception.Message.Split('\n')[0]}");
            return Figure.Failed;
        }
    }
}
