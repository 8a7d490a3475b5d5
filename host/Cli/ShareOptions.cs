using System.CommandLine;
using Kaleidofs.Caching;
using Kaleidofs.Host.Configuration;
using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Monitoring;
using Kaleidofs.Host.Sandbox;
using Kaleidofs.Host.Serving;
using Microsoft.Extensions.Logging;

namespace Kaleidofs.Host.Cli;

/// <summary>The options that every verb with a source has.</summary>
internal sealed class ShareOptions
{
    private readonly Option<string[]> _options = new("-o") { Description = "option of the host or the driver, as key=value[,key=value]; see 'kaleidofs drivers'", HelpName = "KEY=VALUE" };
    private readonly Option<bool> _readOnly = new("--readonly") { Description = "answer every change with EROFS" };
    private readonly Option<string[]> _translateUid = new("--translate-uid") { Description = "map UIDs as virtiofsd does: map|guest|host|squash-guest|squash-host:FROM:TO:COUNT, forbid-guest|forbid-host:FROM:COUNT; repeatable", HelpName = "MAP" };
    private readonly Option<string[]> _translateGid = new("--translate-gid") { Description = "map GIDs in the same way", HelpName = "MAP" };
    private readonly Option<string[]> _driverPath = new("--driver-path") { Description = "a further directory with drivers", HelpName = "DIR" };
    private readonly Option<string> _cacheSize = new("--cache-size") { Description = "memory for decoded content, e.g. 512M (default 256M)", HelpName = "SIZE" };
    private readonly Option<string> _diskCache = new("--disk-cache") { Description = "disk for what is decoded only once, shared by all processes; 0: none (default 8G where a share is served, else none)", HelpName = "SIZE" };
    private readonly Option<string> _diskCacheDirectory = new("--disk-cache-dir") { Description = "where that is (default: $XDG_CACHE_HOME/kaleidofs/blocks, or ~/.cache/kaleidofs/blocks)", HelpName = "DIR" };
    private readonly Option<string> _sandbox = new("--sandbox") { Description = "auto (default): the process confines itself as far as the kernel can; none: not at all", HelpName = "MODE" };
    private readonly Option<bool> _trace = new("--trace") { Description = "write each FUSE operation to the standard error: time, share/queue, number, operation, inode, arguments, outcome, duration" };
    private readonly Option<string> _metrics = new("--metrics") { Description = "serve metrics in Prometheus' text format: unix:PATH or 127.0.0.1:PORT, at /metrics", HelpName = "PLACE" };
    private readonly Option<string> _controlSocket = new("--control-socket") { Description = "where 'kaleidofs status' and 'top' ask (default: $XDG_RUNTIME_DIR/kaleidofs/PID.sock, or /run/kaleidofs/PID.sock)", HelpName = "PATH" };
    private readonly Option<string> _logLevel = new("--log-level") { Description = "error, warning, info (default) or debug", HelpName = "LEVEL" };

    /// <summary>The source.</summary>
    public Argument<string> Source { get; } = new("SOURCE") { Description = "scheme:rest (archive:/data/x.zip, null:), or the path of a file whose kind is plain" };

    /// <summary>Adds the source and the options to a verb.</summary>
    public void AddTo(Command verb)
    {
        verb.Add(Source);
        verb.Add(_options);
        verb.Add(_readOnly);
        verb.Add(_translateUid);
        verb.Add(_translateGid);
        AddProcessOptions(verb);
    }

    /// <summary>Adds what the verbs that serve have beside that.</summary>
    public void AddServingTo(Command verb)
    {
        AddTo(verb);
        verb.Add(_sandbox);
        verb.Add(_trace);
        verb.Add(_metrics);
        verb.Add(_controlSocket);
    }

    /// <summary>Adds only the option that names directories with drivers.</summary>
    public void AddDriverPathTo(Command verb) => verb.Add(_driverPath);

    private void AddProcessOptions(Command verb)
    {
        AddDriverPathTo(verb);
        verb.Add(_cacheSize);
        verb.Add(_diskCache);
        verb.Add(_diskCacheDirectory);
        verb.Add(_logLevel);
    }

    /// <summary>The share that the user asks for.</summary>
    /// <exception cref="SourceException">A value does not mean anything.</exception>
    public ShareSettings Read(ParseResult result) => new()
    {
        // 'null' reads better than 'null:' before a message.
        Name = result.GetValue(Source)!.TrimEnd(':'),
        Source = result.GetValue(Source)!,
        IsReadOnly = result.GetValue(_readOnly),
        IsTraced = result.GetValue(_trace),
        Options = OptionList.Parse(result.GetValue(_options) ?? []),
        TranslateUid = result.GetValue(_translateUid) ?? [],
        TranslateGid = result.GetValue(_translateGid) ?? [],
    };

    /// <summary>Serves a share until it ends or the process is told to stop.</summary>
    /// <exception cref="SourceException">It cannot be served.</exception>
    public async Task<int> ServeAsync(ParseResult result, ShareSettings settings)
    {
        LogLevel level = ReadLogLevel(result);
        MonitoringOptions monitoring = MonitoringOptions.Parse(result.GetValue(_controlSocket), result.GetValue(_metrics));
        CacheSettings caching = ReadCache(result, usesDisk: true);
        DriverCatalog drivers = ReadDrivers(result);
        Confinement sandbox = ProcessSandbox.Enter(SandboxModes.Parse("--sandbox", result.GetValue(_sandbox)), () => new SandboxPlan([settings], drivers) { Monitoring = monitoring, CacheDirectory = caching.WrittenDirectory });
        using ILoggerFactory logs = HostLogging.Create(level);
        using ContentCache cache = caching.Create(new ShareLog(logs.CreateLogger(HostLogging.HostCategory)));
        using HostProcess process = new(new HostServices(drivers, cache, logs) { Sandbox = sandbox, Monitoring = monitoring });
        return await process.RunAsync(settings).ConfigureAwait(false);
    }

    /// <summary>The drivers that are there.</summary>
    /// <exception cref="SourceException">A directory that the user named is not.</exception>
    public DriverCatalog ReadDrivers(ParseResult result) => DriverCatalog.Scan(result.GetValue(_driverPath) ?? []);

    /// <summary>The content cache that the user chose.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="usesDisk">Whether it has a tier on disk if the user says nothing of it.</param>
    /// <exception cref="SourceException">A size does not mean anything.</exception>
    public CacheSettings ReadCache(ParseResult result, bool usesDisk)
        => CacheSettings.Parse("--", result.GetValue(_cacheSize), result.GetValue(_diskCache), result.GetValue(_diskCacheDirectory), usesDisk);

    /// <summary>The log level that the user chose.</summary>
    /// <exception cref="SourceException">There is none of that name.</exception>
    public LogLevel ReadLogLevel(ParseResult result)
        => result.GetValue(_logLevel) is { } level ? LogLevels.Parse("--log-level", level) : LogLevel.Information;
}
