using Kaleidofs.Diagnostics;

namespace Kaleidofs.Host.Monitoring;

/// <summary>How one share can be looked at while it is served.</summary>
/// <param name="Name">The share's name.</param>
/// <param name="Source">What it serves.</param>
/// <param name="Transport">vhost-user or fuse.</param>
/// <param name="Endpoint">The socket, or the mount point.</param>
/// <param name="Counters">What its session counts.</param>
/// <param name="ReadState">Who is served at the moment, in a word or two.</param>
internal sealed record ShareProbe(string Name, string Source, string Transport, string Endpoint, SessionCounters Counters, Func<string> ReadState);
