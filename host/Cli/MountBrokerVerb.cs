using System.CommandLine;
using System.Runtime.InteropServices;
using Kaleidofs.Host.DevFuse;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Host.Cli;

/// <summary>What a process that is about to confine itself starts, and nobody else: the mounts of that process are made here.</summary>
internal sealed class MountBrokerVerb : Command
{
    private readonly Argument<string[]> _mountpoints = new("MOUNTPOINT");

    public MountBrokerVerb() : base(MountBroker.Verb)
    {
        Hidden = true;
        Add(_mountpoints);
        SetAction(Run);
    }

    private int Run(ParseResult result)
    {
        using FileDescriptor? socket = MountBroker.InheritSocket();
        if (socket is null)
        {
            throw new SourceException($"{Name}: it is started by 'kaleidofs mount', and by nobody else") { IsUsageError = true };
        }
        // Signals to the whole group (Ctrl-C) are for the process that serves; this one ends after it.
        List<PosixSignalRegistration> signals = [.. ((PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGHUP, PosixSignal.SIGQUIT])
            .Select(signal => PosixSignalRegistration.Create(signal, context => context.Cancel = true))];
        new MountBrokerServer(socket, result.GetValue(_mountpoints)!).Run();
        signals.ForEach(signal => signal.Dispose());
        return ExitCode.Success;
    }
}
