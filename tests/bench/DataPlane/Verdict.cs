using System.Globalization;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>What was measured, held against the project's aims. All of them are ratios within the run.</summary>
internal sealed class Verdict
{
    public const string Kaleidofs = "kaleidofs";
    public const string Virtiofsd = "virtiofsd";
    public const string Responder = "responder";

    private readonly List<Case> _cases = [];

    public void Add(string work, int queues, int depth, IReadOnlyDictionary<string, CaseResult> results)
        => _cases.Add(new Case(work, queues, depth, results));

    public void Print(bool isPinned)
    {
        List<string> lines = [];
        foreach (Case one in _cases.Where(one => one.Queues == 1 && one.Of(Kaleidofs) is not null))
        {
            CaseResult own = one.Of(Kaleidofs)!;
            string name = $"{one.Work}, depth {one.Depth}";
            if (one.Of(Responder) is { } limit)
            {
                if (one.Work is "getattr" or "lookup" or "read4k")
                {
                    lines.Add(AtLeast($"{name}: rate, of the responder's", one.Depth < 32 ? 0.8 : one.Work == "read4k" ? 0.84 : 0.62, own.OperationsPerSecond / limit.OperationsPerSecond));
                }
                if (one.Work == "getattr")
                {
                    lines.Add(AtMost($"{name}: CPU, of the responder's", one.Depth switch { 1 => 1.2, < 32 => 1.36, _ => 1.54 }, own.DaemonMicroseconds / limit.DaemonMicroseconds));
                }
            }
            if (one.Of(Virtiofsd) is { } peer)
            {
                if (LeastOfVirtiofsd(one) is { } wanted)
                {
                    lines.Add(AtLeast($"{name}: rate, of virtiofsd's", wanted, own.OperationsPerSecond / peer.OperationsPerSecond));
                }
                lines.Add(AtMost($"{name}: p99, of virtiofsd's", 1, own.P99 / peer.P99));
            }
        }
        // Two queues are four threads at work: the daemon's and the front end's.
        if (!isPinned && Environment.ProcessorCount >= 4)
        {
            foreach (Case two in _cases.Where(one => one.Queues == 2 && one.Of(Kaleidofs) is not null))
            {
                if (_cases.Find(one => one.Queues == 1 && one.Work == two.Work && one.Depth == two.Depth)?.Of(Kaleidofs) is { } single)
                {
                    lines.Add(AtLeast($"{two.Work}, depth {two.Depth}: two queues, of one's rate", 1.8, two.Of(Kaleidofs)!.OperationsPerSecond / single.OperationsPerSecond));
                }
            }
        }
        if (lines.Count > 0)
        {
            Print(lines);
        }
    }

    /// <summary>Lines under their heading.</summary>
    public static void Print(IEnumerable<string> lines)
        => Console.WriteLine($"\n{"aim",-46} {"wanted",9} {"found",7}\n{string.Join('\n', lines)}");

    private static double? LeastOfVirtiofsd(Case one) => one.Work switch
    {
        "read64k" or "read1m" => 1.5,
        "readdirplus" => one.Depth == 1 ? 3.3 : 3.9,
        _ => null,
    };

    /// <summary>A line for what should be no less than wanted.</summary>
    public static string AtLeast(string aim, double wanted, double found) => Line(aim, ">=", wanted, found, found >= wanted);

    /// <summary>A line for what should be no more than wanted.</summary>
    public static string AtMost(string aim, double wanted, double found) => Line(aim, "<=", wanted, found, found <= wanted);

    private static string Line(string aim, string comparison, double wanted, double found, bool isMet)
        => string.Create(CultureInfo.InvariantCulture, $"{aim,-46} {comparison,4} {wanted,4:0.00} {found,7:0.00}  {(isMet ? "met" : "MISSED")}");

    private sealed record Case(string Work, int Queues, int Depth, IReadOnlyDictionary<string, CaseResult> Results)
    {
        public CaseResult? Of(string daemon) => Results.GetValueOrDefault(daemon);
    }
}
