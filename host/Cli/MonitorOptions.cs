using System.CommandLine;
using System.Globalization;
using Kaleidofs.Host.Monitoring;

namespace Kaleidofs.Host.Cli;

/// <summary>Which running processes <c>status</c> and <c>top</c> ask.</summary>
internal sealed class MonitorOptions
{
    private readonly Option<int?> _process = new("--pid") { Description = "only this process", HelpName = "PID" };
    private readonly Option<string> _path = new("--control-socket") { Description = "only the process that listens there", HelpName = "PATH" };

    public void AddTo(Command verb)
    {
        verb.Add(_process);
        verb.Add(_path);
    }

    /// <summary>What each that was found answers.</summary>
    /// <exception cref="SourceException">None answers, or not the one that was named.</exception>
    public async Task<IReadOnlyList<HostStatus>> ReadAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string? path = result.GetValue(_path);
        int? process = result.GetValue(_process);
        List<HostStatus> found = [];
        string? failure = null;
        foreach (string candidate in path is not null ? [path] : ControlSocket.Find().Where(socket => process is null || socket.ProcessId == process).Select(socket => socket.Path))
        {
            try
            {
                if (await ControlClient.ReadAsync(candidate, cancellationToken).ConfigureAwait(false) is { } status)
                {
                    found.Add(status);
                }
            }
            catch (IOException exception)
            {
                failure ??= exception.Message;
            }
        }
        if (found.Count > 0)
        {
            return found;
        }
        throw new SourceException(failure is not null ? $"cannot ask {failure}"
            : path is not null ? $"nobody listens at {path}; is kaleidofs running?"
            : process is { } id ? string.Create(CultureInfo.InvariantCulture, $"process {id} is no kaleidofs that this user can ask; see the running ones with: kaleidofs status")
            : "no kaleidofs of this user is running; start one with serve, mount or host, or name its socket with --control-socket");
    }
}
