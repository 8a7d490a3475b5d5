using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>The archives that are measured: eng/archive-peers.sh makes them and installs the peers.</summary>
internal static class BenchArchives
{
    /// <summary>Makes what is missing, and brings an archive into the page cache.</summary>
    public static string Get(string name)
    {
        string path = Path.Combine(Repository.Cache, "bench", name);
        Shell.Run("cat \"$1\" >/dev/null", path).Succeeded();
        return path;
    }

    /// <exception cref="InvalidOperationException">They cannot be had here.</exception>
    public static void Prepare()
    {
        CommandResult made = Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/archive-peers.sh"));
        if (made.Status != 0)
        {
            throw new InvalidOperationException("the peers and their archives could not be had: " + made.Error);
        }
    }
}
