using System.CommandLine;
using System.Text;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs serve</c>: one share for a virtual machine. The options that virtiofsd has mean what they mean there.</summary>
internal sealed class ServeVerb : Verb
{
    private readonly ShareOptions _share = new();
    private readonly Option<string> _socketPath = new("--socket-path") { Description = "listen on this vhost-user socket", HelpName = "PATH" };
    private readonly Option<int?> _descriptor = new("--fd") { Description = "use this inherited listening socket", HelpName = "FD" };
    private readonly Option<string> _socketGroup = new("--socket-group") { Description = "group that may connect to the socket", HelpName = "GROUP" };
    private readonly Option<string> _tag = new("--tag") { Description = "tag that the device announces to the guest", HelpName = "TAG" };
    private readonly Option<int?> _queues = new("--queues") { Description = "most request queues that the virtual machine may use (default 64)", HelpName = "N" };
    private readonly Option<bool> _capabilities = new("--print-capabilities") { Description = "print what a management program (libvirt) asks for, and end" };

    public ServeVerb() : base("serve", "Serve one share to a virtual machine, on a vhost-user socket.",
        "kaleidofs serve backup.zip --socket-path /run/backup.sock --readonly\n" +
        "kaleidofs serve backup.zip --socket-path /run/backup.sock --metrics 127.0.0.1:9469\n" +
        "qemu-system-x86_64 ... -object memory-backend-memfd,id=mem,size=2G,share=on -numa node,memdev=mem \\\n" +
        "  -chardev socket,id=c,path=/run/backup.sock -device vhost-user-fs-pci,chardev=c,tag=backup\n" +
        "mount -t virtiofs backup /mnt          (in the guest)")
    {
        _share.Source.Arity = ArgumentArity.ZeroOrOne;
        _share.AddServingTo(this);
        Add(_socketPath);
        Add(_descriptor);
        Add(_socketGroup);
        Add(_tag);
        Add(_queues);
        Add(_capabilities);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        if (result.GetValue(_capabilities))
        {
            await result.InvocationConfiguration.Output.WriteLineAsync("{\n  \"type\": \"fs\"\n}").ConfigureAwait(false);
            return ExitCode.Success;
        }
        if (result.GetValue(_share.Source) is null)
        {
            throw new SourceException("serve: SOURCE is missing; see 'kaleidofs serve --help'") { IsUsageError = true };
        }
        bool hasPath = result.GetValue(_socketPath) is not null;
        if (hasPath == result.GetValue(_descriptor) is not null)
        {
            throw new SourceException(hasPath
                ? "serve: --socket-path and --fd exclude each other; give one"
                : "serve: where to? give --socket-path PATH, or --fd FD for a socket that is inherited")
            { IsUsageError = true };
        }
        if (result.GetValue(_queues) is < 1 or > ShareSettings.MaxQueues)
        {
            throw new SourceException($"serve: --queues {result.GetValue(_queues)}: it takes a number from 1 to {ShareSettings.MaxQueues}") { IsUsageError = true };
        }
        if (result.GetValue(_tag) is { } tag && Encoding.UTF8.GetByteCount(tag) is 0 or > ShareSettings.MaxTagBytes)
        {
            throw new SourceException($"serve: --tag '{result.GetValue(_tag)}': it takes 1 to {ShareSettings.MaxTagBytes} bytes") { IsUsageError = true };
        }
        ShareSettings settings = _share.Read(result) with
        {
            SocketPath = result.GetValue(_socketPath),
            SocketDescriptor = result.GetValue(_descriptor),
            SocketGroup = result.GetValue(_socketGroup),
            Tag = result.GetValue(_tag),
            Queues = result.GetValue(_queues),
        };
        return await _share.ServeAsync(result, settings).ConfigureAwait(false);
    }
}
