using Kaleidofs.Caching;
using Kaleidofs.Diagnostics;
using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Monitoring;
using Kaleidofs.Host.Sandbox;
using Microsoft.Extensions.Logging;

namespace Kaleidofs.Host.Serving;

/// <summary>What all shares of the process have in common.</summary>
/// <param name="Drivers">The drivers.</param>
/// <param name="Cache">The content cache.</param>
/// <param name="Logs">Where logs go.</param>
internal sealed record HostServices(DriverCatalog Drivers, ContentCache Cache, ILoggerFactory Logs)
{
    /// <summary>How far the process is confined.</summary>
    public Confinement Sandbox { get; init; } = Confinement.None;

    /// <summary>Where the process may be asked how it does.</summary>
    public MonitoringOptions Monitoring { get; init; } = new();

    /// <summary>Where operations are written down, once a share asks for that.</summary>
    public Lazy<TraceOutput> Trace { get; } = new(() => new TraceOutput(Console.OpenStandardError()));
}
