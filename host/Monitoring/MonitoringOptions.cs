using System.Net;
using System.Net.Sockets;

namespace Kaleidofs.Host.Monitoring;

/// <summary>Where the process may be asked how it does.</summary>
internal sealed record MonitoringOptions
{
    private const string UnixPrefix = "unix:";

    /// <summary>The control socket's path; null for the usual place, if there is one.</summary>
    public string? ControlSocket { get; init; }

    /// <summary>Where metrics are served: a path or a loopback address; null for nowhere.</summary>
    public EndPoint? Metrics { get; init; }

    /// <summary>The paths of the sockets that are listened on.</summary>
    public IEnumerable<string> SocketPaths
    {
        get
        {
            if ((ControlSocket ?? Monitoring.ControlSocket.UsualPath) is { } control)
            {
                yield return Path.GetFullPath(control);
            }
            if (Metrics is UnixDomainSocketEndPoint)
            {
                yield return Path.GetFullPath(Metrics.ToString()!);
            }
        }
    }

    /// <summary>Whether metrics are served on a port.</summary>
    public bool ListensOnTcp => Metrics is IPEndPoint;

    /// <summary>Reads what the user wrote.</summary>
    /// <param name="controlSocket">A path.</param>
    /// <param name="metrics">unix:PATH, or a loopback address with a port.</param>
    /// <exception cref="SourceException">It is no place that metrics may be served at.</exception>
    public static MonitoringOptions Parse(string? controlSocket, string? metrics)
        => new() { ControlSocket = controlSocket, Metrics = metrics is null ? null : ParseMetrics(metrics) };

    private static EndPoint ParseMetrics(string text)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal) && text.Length > UnixPrefix.Length)
        {
            return new UnixDomainSocketEndPoint(text[UnixPrefix.Length..]);
        }
        const string LocalHost = "localhost:";
        string numeric = text.StartsWith(LocalHost, StringComparison.Ordinal) ? $"127.0.0.1:{text[LocalHost.Length..]}" : text;
        if (!numeric.Contains(':', StringComparison.Ordinal) || !IPEndPoint.TryParse(numeric, out IPEndPoint? endPoint))
        {
            throw new SourceException($"invalid --metrics '{text}': it takes unix:PATH, or a loopback address and a port as 127.0.0.1:9469") { IsUsageError = true };
        }
        if (!IPAddress.IsLoopback(endPoint.Address))
        {
            throw new SourceException($"invalid --metrics '{text}': metrics are served on this machine only; give a loopback address, as 127.0.0.1:{endPoint.Port}, and what forwards it") { IsUsageError = true };
        }
        return endPoint;
    }
}
