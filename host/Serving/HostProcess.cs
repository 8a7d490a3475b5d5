using System.Runtime;
using System.Runtime.InteropServices;
using Kaleidofs.Host.Cli;
using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Monitoring;
using Kaleidofs.Host.Sandbox;
using Microsoft.Extensions.Logging;

namespace Kaleidofs.Host.Serving;

/// <summary>The process's life: it starts shares, waits for a signal or for their end, and drains.</summary>
internal sealed class HostProcess : IDisposable
{
    private readonly HostServices _services;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly HostMonitor _monitor;

    /// <exception cref="SourceException">It cannot be monitored where the user asked for it.</exception>
    public HostProcess(HostServices services)
    {
        _services = services;
        _log = services.Logs.CreateLogger(HostLogging.HostCategory);
        _monitor = HostMonitor.Start(services.Monitoring, services.Cache, services.Sandbox.State, _log);
        foreach (RefusedDriver refused in services.Drivers.Refused)
        {
            _log.LogWarning("{Path} is not used: {Reason}", refused.Path, refused.Reason);
        }
        foreach (PosixSignal signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, OnSignal));
        }
    }

    /// <summary>Serves one share until it ends or a signal comes.</summary>
    /// <exception cref="SourceException">It cannot be served.</exception>
    public async Task<int> RunAsync(ShareSettings settings)
    {
        try
        {
            Share share = await Share.StartAsync(settings, _services, _stop.Token).ConfigureAwait(false);
            return await ServeAsync([share]).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return ExitCode.Success;
        }
    }

    /// <summary>Serves many shares. One that cannot be opened is logged, and does not stop the others; it fails if none can.</summary>
    public async Task<int> RunAsync(IReadOnlyList<ShareSettings> settings)
    {
        Share?[] started = await Task.WhenAll(settings.Select(share => Task.Run(() => TryStartAsync(share)))).ConfigureAwait(false);
        Share[] shares = [.. started.OfType<Share>()];
        if (_stop.IsCancellationRequested || shares.Length > 0)
        {
            _log.LogInformation("{Count} of {All} shares are served", shares.Length, settings.Count);
            return await ServeAsync(shares).ConfigureAwait(false);
        }
        _log.LogError("no share could be opened");
        return ExitCode.Failure;
    }

    public void Dispose()
    {
        _signals.ForEach(signal => signal.Dispose());
        _monitor.Dispose();
        if (_services.Trace.IsValueCreated)
        {
            _services.Trace.Value.Dispose();
        }
        _stop.Dispose();
    }

    private async Task<Share?> TryStartAsync(ShareSettings settings)
    {
        try
        {
            return await Share.StartAsync(settings, _services, _stop.Token).ConfigureAwait(false);
        }
        catch (SourceException exception)
        {
            _services.Logs.CreateLogger(settings.Name).LogError("{Message}", exception.Message);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
#pragma warning disable CA1031 // One share's failure, of whatever kind, must not stop the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _services.Logs.CreateLogger(settings.Name).LogError(exception, "cannot open {Source}", settings.Source);
        }
        return null;
    }

    private async Task<int> ServeAsync(Share[] shares)
    {
        Confinement sandbox = _services.Sandbox.CloseAfterStart();
        _monitor.SetSandbox(sandbox.State);
        _log.Log(sandbox.IsOpen ? LogLevel.Warning : LogLevel.Information, "sandbox: {State}", sandbox.State);
        ServiceManager.Notify("READY=1");
        AgeWhatStartMade();
        Task<bool[]> ended = Task.WhenAll(shares.Select(WatchAsync));
        Task stopped = Task.Delay(Timeout.Infinite, _stop.Token);
        await Task.WhenAny(ended, stopped).ConfigureAwait(false);
        if (_stop.IsCancellationRequested)
        {
            ServiceManager.Notify("STOPPING=1");
        }
        await Task.WhenAll(shares.Select(share => share.DisposeAsync().AsTask())).ConfigureAwait(false);
        return ended.IsCompletedSuccessfully && ended.Result.All(succeeded => !succeeded) && shares.Length > 0
            ? ExitCode.Failure
            : ExitCode.Success;
    }

    /// <summary>Moves what start made to the oldest generation, so that no collection under load copies it, and asks that none stops the queues for that generation.</summary>
    private static void AgeWhatStartMade()
    {
        // Each collection moves survivors one generation on; the last one sets the oldest generation's budget, which otherwise the first load exceeds.
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            GC.Collect();
        }
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
    }

    private async Task<bool> WatchAsync(Share share)
    {
        ILogger log = _services.Logs.CreateLogger(share.Name);
        _monitor.Add(share.Probe);
        try
        {
            await share.Ended.ConfigureAwait(false);
            // What it holds is needed by nobody, however long the other shares live.
            await share.DisposeAsync().ConfigureAwait(false);
            log.LogInformation("ended");
            return true;
        }
#pragma warning disable CA1031 // One share's failure, of whatever kind, must not stop the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            log.LogError(exception, "failed");
            return false;
        }
        finally
        {
            _monitor.Remove(share.Probe);
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (_stop.IsCancellationRequested)
        {
            // Ctrl-C again: the person does not want to wait for the drain. A repeated SIGTERM asks for what is under
            // way already, and who must not wait has SIGKILL.
            if (context.Signal == PosixSignal.SIGINT)
            {
                Environment.Exit(ExitCode.Failure);
            }
            return;
        }
        _log.LogInformation("{Signal}: stopping", context.Signal);
        _stop.Cancel();
    }
}
