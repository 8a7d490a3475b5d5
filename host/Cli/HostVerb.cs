using System.CommandLine;
using Kaleidofs.Caching;
using Kaleidofs.Host.Configuration;
using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Monitoring;
using Kaleidofs.Host.Sandbox;
using Kaleidofs.Host.Serving;
using Microsoft.Extensions.Logging;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs host</c>: many shares in one process.</summary>
internal sealed class HostVerb : Verb
{
    private readonly Option<string> _config = new("--config") { Description = "JSON, with comments; its keys are the option names of serve and mount", HelpName = "FILE", Required = true };

    public HostVerb() : base("host", "Serve many shares from one process. A share that cannot be opened does not stop the others; it fails if none can be.",
        "kaleidofs host --config /etc/kaleidofs.json\n" +
        "\n" +
        "{\n" +
        "  \"cache-size\": \"1G\",            // disk-cache, disk-cache-dir, log-level, driver-path, sandbox, metrics, control-socket: as on the command line\n" +
        "  \"shares\": [\n" +
        "    { \"name\": \"web\", \"source\": \"archive:/data/web.zip\", \"socket-path\": \"/run/web.sock\",\n" +
        "      \"readonly\": true, \"translate-uid\": [\"map:0:1000:1\"] },   // tag, queues, socket-group, trace\n" +
        "    { \"source\": \"/data/docs.tar.gz\", \"mount\": \"/mnt/docs\", \"options\": { \"uid\": 1000, \"mode\": \"0644\" } },\n" +
        "  ]\n" +
        "}")
    {
        Add(_config);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        string path = result.GetRequiredValue(_config);
        HostConfiguration configuration = ConfigurationReader.Read(path);
        IReadOnlyList<ShareSettings> shares = ConfigurationReader.ReadShares(configuration, path);
        LogLevel level = configuration.LogLevel is { } text ? LogLevels.Parse("log-level", text) : LogLevel.Information;
        MonitoringOptions monitoring = MonitoringOptions.Parse(configuration.ControlSocket, configuration.Metrics);
        CacheSettings caching = CacheSettings.Parse("", configuration.CacheSize, configuration.DiskCache, configuration.DiskCacheDir, usesDisk: true);
        DriverCatalog drivers = DriverCatalog.Scan(configuration.DriverPath);
        Confinement sandbox = ProcessSandbox.Enter(SandboxModes.Parse("sandbox", configuration.Sandbox), () => new SandboxPlan(shares, drivers, path) { Monitoring = monitoring, CacheDirectory = caching.WrittenDirectory });
        using ILoggerFactory logs = HostLogging.Create(level);
        using ContentCache cache = caching.Create(new ShareLog(logs.CreateLogger(HostLogging.HostCategory)));
        using HostProcess process = new(new HostServices(drivers, cache, logs) { Sandbox = sandbox, Monitoring = monitoring });
        return await process.RunAsync(shares).ConfigureAwait(false);
    }
}
