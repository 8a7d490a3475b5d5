using System.CommandLine;
using System.Text;
using System.Text.Json;
using Kaleidofs.Host.Monitoring;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs status</c>.</summary>
internal sealed class StatusVerb : Verb
{
    private readonly MonitorOptions _monitor = new();
    private readonly Option<bool> _json = new("--json") { Description = "one line of JSON for each process" };

    public StatusVerb() : base("status", "Show what the running processes serve, and what they have done since they started.",
        "kaleidofs status\nkaleidofs status --pid 1234\nkaleidofs status --json | jq '.shares[].operations'")
    {
        _monitor.AddTo(this);
        Add(_json);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        StringBuilder text = new();
        foreach (HostStatus status in await _monitor.ReadAsync(result, cancellationToken).ConfigureAwait(false))
        {
            if (result.GetValue(_json))
            {
                text.Append(JsonSerializer.Serialize(status, StatusJson.Default.HostStatus)).Append('\n');
                continue;
            }
            StatusText.Append(text, status, null);
        }
        using StandardOutput output = new();
        output.Write(text.ToString());
        return ExitCode.Success;
    }
}
