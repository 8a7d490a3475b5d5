using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Kaleidofs.Host.Monitoring;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs top</c>: the status again and again, as rates.</summary>
internal sealed class TopVerb : Verb
{
    // ECMA-48: the alternate screen without a cursor, and back; home; clear to the end of the line, of the screen.
    private const string EnterScreen = "\x1b[?1049h\x1b[?25l";
    private const string LeaveScreen = "\x1b[?25h\x1b[?1049l";
    private const string Home = "\x1b[H";
    private const string EndOfLine = "\x1b[K\n";
    private const string EndOfScreen = "\x1b[J";

    private readonly MonitorOptions _monitor = new();
    private readonly Option<double> _interval = new("--interval") { Description = "seconds between two looks (default 1)", HelpName = "SECONDS", DefaultValueFactory = _ => 1 };
    private readonly Option<int?> _count = new("--count") { Description = "end after so many", HelpName = "N" };

    public TopVerb() : base("top", "Show what the running processes do at the moment, each second anew; q ends it. Where the output is no terminal, a block each time.",
        "kaleidofs top\nkaleidofs top --interval 5 --count 12 >load.txt")
    {
        _monitor.AddTo(this);
        Add(_interval);
        Add(_count);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        double interval = result.GetValue(_interval);
        if (interval is not (>= 0.1 and <= 86_400))
        {
            throw new SourceException($"top: --interval {interval.ToString(CultureInfo.InvariantCulture)}: it takes 0.1 to 86400 seconds") { IsUsageError = true };
        }
        bool isTerminal = !Console.IsOutputRedirected;
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // The terminal must be given back however this ends.
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using StandardOutput output = new();
        try
        {
            output.Write(isTerminal ? EnterScreen : "");
            await ShowAsync(result, TimeSpan.FromSeconds(interval), isTerminal, output, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        finally
        {
            output.Write(isTerminal ? LeaveScreen : "");
        }
        return ExitCode.Success;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private async Task ShowAsync(ParseResult result, TimeSpan interval, bool isTerminal, StandardOutput output, CancellationToken cancellationToken)
    {
        IReadOnlyList<HostStatus> earlier = await _monitor.ReadAsync(result, cancellationToken).ConfigureAwait(false);
        for (int i = 0; result.GetValue(_count) is not { } count || i < count; i++)
        {
            if (await IsToldToEndAsync(interval, isTerminal, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
            IReadOnlyList<HostStatus> now = await _monitor.ReadAsync(result, cancellationToken).ConfigureAwait(false);
            StringBuilder text = new();
            foreach (HostStatus status in now)
            {
                StatusText.Append(text, status, earlier.FirstOrDefault(other => other.ProcessId == status.ProcessId));
            }
            earlier = now;
            if (isTerminal)
            {
                // A terminal that does not tell its size (a pipe of script(1)) has 0.
                int height = Console.WindowHeight is > 1 and var rows ? rows - 1 : int.MaxValue;
                int width = Console.WindowWidth is > 0 and var columns ? columns : int.MaxValue;
                IEnumerable<string> lines = text.ToString().TrimEnd('\n').Split('\n').Take(height)
                    .Select(line => line[..Math.Min(line.Length, width)]);
                output.Write(Home + string.Concat(lines.Select(line => line + EndOfLine)) + EndOfScreen);
            }
            else
            {
                output.Write(text.Append('\n').ToString());
            }
            output.Flush();
        }
    }

    /// <summary>Waits, and looks whether somebody types q meanwhile.</summary>
    private static async Task<bool> IsToldToEndAsync(TimeSpan interval, bool isTerminal, CancellationToken cancellationToken)
    {
        long end = Environment.TickCount64 + (long)interval.TotalMilliseconds;
        while (isTerminal && !Console.IsInputRedirected && Environment.TickCount64 < end)
        {
            if (Console.KeyAvailable && Console.ReadKey(intercept: true).KeyChar is 'q' or 'Q')
            {
                return true;
            }
            await Task.Delay((int)Math.Clamp(end - Environment.TickCount64, 1, 50), cancellationToken).ConfigureAwait(false);
        }
        long rest = end - Environment.TickCount64;
        if (rest > 0)
        {
            await Task.Delay((int)rest, cancellationToken).ConfigureAwait(false);
        }
        return false;
    }
}
