using Kaleidofs.Tests.Bench.Archive;
using Kaleidofs.Tests.Bench.DataPlane;
using Kaleidofs.Tests.Bench.Guests;
using Kaleidofs.Tests.Bench.Hosting;
using Kaleidofs.Tests.Bench.Mounts;
using Kaleidofs.Tests.Bench.Peers;
using Kaleidofs.Tests.Bench.Session;
using Kaleidofs.Tests.Bench.Worlds;

const string Help = """
    usage: dotnet run -c Release --project tests/bench -- BENCHMARK [options]

      dataplane   requests a second over vhost-user, from a front end of the project's own; no virtual machine
      session     time and memory of each operation of a session, without a transport (BenchmarkDotNet; --filter '*getattr*')
      allocations bytes that each of those allocates, held against the budget: what CI does
      counting    what metrics add to a request
      idle        what a thousand shares cost that nobody uses
      fairness    what a quiet share gets beside a busy one in the same process
      gc          the garbage collector's pauses under load
      guest       find, tar, grep and fio in a guest under QEMU, beside virtiofsd
      mounts      requests a second on this machine: by /dev/fuse, and over io_uring
      startup     time until the program serves
      million     time and memory to serve a zip of a million entries
      tree        a kernel's sources in archives: listed and read, beside archivemount, fuse-zip and squashfuse
      git         a commit of a kernel's sources, mounted, beside what git does for the same
      random      a file of 1 GiB in archives of each kind, read at random offsets, beside the same
      readers     the same file read by several at once, and by many shares of one process
      llm         a generated world beside the null driver, and a file beside the server that writes it
      s3          a bucket mounted beside s3fs and rclone: listed, read, written; a server that it starts itself
      smb         a share of a Samba mounted beside rclone, plain and protected: listed, read, written; a server that it starts itself
      smb-client  the SMB driver's client without a mount, beside libsmbclient and smbclient

    'BENCHMARK --help' lists its options. Compare figures within one run, never across runs.
    """;

switch (args)
{
    case ["dataplane", .. string[] rest]:
        return DataPlaneBenchmark.Run(rest);
    case ["session", .. string[] rest]:
        return SessionBenchmarks.Run(rest);
    case ["allocations", .. string[] rest]:
        return Allocations.Run(rest);
    case ["counting", .. string[] rest]:
        return CountingCost.Run(rest);
    case ["idle", .. string[] rest]:
        return IdleShares.Run(rest);
    case ["fairness", .. string[] rest]:
        return Fairness.Run(rest);
    case ["gc", .. string[] rest]:
        return CollectorPauses.Run(rest);
    case ["guest", .. string[] rest]:
        return GuestBenchmark.Run(rest);
    case ["mounts", .. string[] rest]:
        return MountBenchmark.Run(rest);
    case ["startup", .. string[] rest]:
        return StartUp.Run(rest);
    case ["million", .. string[] rest]:
        return MillionEntries.Run(rest);
    case ["tree", .. string[] rest]:
        return TreeBenchmark.Run(rest);
    case ["git", .. string[] rest]:
        return GitBenchmark.Run(rest);
    case ["random", .. string[] rest]:
        return RandomBenchmark.Run(rest);
    case ["readers", .. string[] rest]:
        return ReadersBenchmark.Run(rest);
    case ["llm", .. string[] rest]:
        return await WorldBenchmark.RunAsync(rest);
    case ["smb", .. string[] rest]:
        return await SmbBenchmark.RunAsync(rest);
    case ["smb-client", .. string[] rest]:
        return await SmbClientBenchmark.RunAsync(rest);
    case ["s3", .. string[] rest]:
        return await S3Benchmark.RunAsync(rest).ConfigureAwait(false);
    case [] or ["--help" or "-h"]:
        Console.WriteLine(Help);
        return 0;
    default:
        Console.Error.WriteLine($"bench: there is no benchmark '{args[0]}'; --help lists them");
        return 2;
}
