using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Hosting;

/// <summary>A share of a host of many.</summary>
internal sealed record HostedShare(string Name, string Source, int Queues = 1)
{
    public string SocketIn(TemporaryFolder folder) => folder.At(Name + ".s");
}
