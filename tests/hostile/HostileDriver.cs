using System.Text;
using Kaleidofs;
using Kaleidofs.Tests.Hostile;
using Kaleidofs.Trees;

#if NETWORK
[assembly: Driver("hostile-network", typeof(HostileDriver), ContractVersion.Current, "hostile-network", Network = true)]
#elif WORKERS
[assembly: Driver("hostile-workers", typeof(HostileDriver), ContractVersion.Current, "hostile-workers", Workers = true)]
#else
[assembly: Driver("hostile", typeof(HostileDriver), ContractVersion.Current, "hostile",
    Reads = ["{password-file}"], Writes = ["{scratch}"])]
#endif

namespace Kaleidofs.Tests.Hostile;

/// <summary>Opens <c>hostile:PATH</c>: a file for each deed, which is done when the file is read and has the outcome as its content.</summary>
public sealed class HostileDriver : Driver
{
    /// <summary>The first code of this assembly that runs.</summary>
    private readonly string _atLoad = Deeds.Attempt(() => File.ReadAllText("/etc/passwd"));

    public override ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        Dictionary<string, Func<string>> deeds = new Deeds(context).All;
        deeds.Add("at-load", () => _atLoad);
        TreeBuilder builder = new(new TreeNode { Mode = 0b111_101_101 });
        Func<string>?[] byEntry = new Func<string>?[deeds.Count + 1];
        foreach ((string name, Func<string> deed) in deeds)
        {
            builder.Add(Encoding.UTF8.GetBytes(name), new TreeNode { Mode = FileType.Regular | 0b110_100_100, Size = HostileFileSystem.FileSize }, out int entry);
            byEntry[entry] = deed;
        }
        return new(new HostileFileSystem(builder.Build(), byEntry));
    }
}

/// <summary>The files.</summary>
internal sealed class HostileFileSystem(Tree tree, Func<string>?[] deeds) : TreeFileSystem(tree, "hostile")
{
    public const int FileSize = 400;

    protected override async ValueTask<Errno> ReadFileAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        string outcome = await Task.Run(deeds[node]!).ConfigureAwait(false);
        destination.Write(Encoding.UTF8.GetBytes(outcome.PadRight(FileSize)).AsSpan((int)offset, count));
        return Errno.None;
    }
}
