using System.CommandLine;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs mount</c>: one share on this machine.</summary>
internal sealed class MountVerb : Verb
{
    private readonly ShareOptions _share = new();
    private readonly Argument<string> _mountpoint = new("MOUNTPOINT") { Description = "an existing directory" };

    public MountVerb() : base("mount", "Mount one share on this machine, in the foreground; Ctrl-C or umount ends it.",
        "kaleidofs mount backup.zip /mnt\n" +
        "kaleidofs mount archive:data.tar.gz ~/data -o uid=1000,gid=1000,threads=2\n" +
        "kaleidofs mount backup.zip /mnt --trace")
    {
        _share.AddServingTo(this);
        Add(_mountpoint);
        SetAction(result => _share.ServeAsync(result, _share.Read(result) with { Mountpoint = result.GetValue(_mountpoint) }));
    }
}
