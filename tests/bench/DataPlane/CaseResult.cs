namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>One line of the table: latencies in microseconds, CPU time in microseconds an operation.</summary>
internal sealed record CaseResult(double OperationsPerSecond, double P50, double P99, double P999, double DaemonMicroseconds, double FrontEndMicroseconds)
{
    /// <summary>The median of the rounds, figure by figure.</summary>
    public static CaseResult Median(IReadOnlyList<CaseResult> rounds)
    {
        double Of(Func<CaseResult, double> figure) => rounds.Select(figure).Order().ElementAt(rounds.Count / 2);
        return new CaseResult(Of(round => round.OperationsPerSecond), Of(round => round.P50), Of(round => round.P99),
            Of(round => round.P999), Of(round => round.DaemonMicroseconds), Of(round => round.FrontEndMicroseconds));
    }
}
