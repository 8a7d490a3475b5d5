using System.Buffers.Text;
using Kaleidofs.Host.Linux;

namespace Kaleidofs.Tests.Bench.Mounts;

/// <summary>One kind of work on a mount of the null driver. Each operation is one request to the filesystem.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Bytes">What an operation reads; 0 for none.</param>
internal sealed unsafe record MountWork(string Name, int Bytes)
{
    private const long FileSize = 1L << 30;
    private const int StatxSize = 256;
    private const uint STATX_BASIC_STATS = 0x7ff;

    public static readonly IReadOnlyList<MountWork> All = [new("getattr", 0), new("lookup", 0), new("read4k", 4 << 10), new("read64k", 64 << 10), new("read1m", 1 << 20)];

    /// <summary>Does it until told to stop; returns how often.</summary>
    /// <param name="mountpoint">Where the null driver is mounted.</param>
    /// <param name="thread">Which of the threads this is: names that were absent once are not asked for again.</param>
    /// <param name="stop">Set when the time is over.</param>
    public long Run(string mountpoint, long thread, ManualResetEventSlim stop)
    {
        int flags = Bytes > 0 ? MountLibc.O_DIRECT : 0;
        int fd = MountLibc.Open(Path.Combine(mountpoint, Name == "lookup" ? "entries" : "data"), flags);
        if (fd < 0)
        {
            throw new IOException($"{mountpoint}: {Libc.LastError()}");
        }
        using NativeBuffer buffer = new(Math.Max(Bytes, StatxSize));
        byte* name = stackalloc byte[64];
        name[0] = 0;
        long count = 0;
        while (!stop.IsSet)
        {
            bool done = Name switch
            {
                "getattr" => MountLibc.Statx(fd, name, MountLibc.AT_STATX_FORCE_SYNC | 0x1000, STATX_BASIC_STATS, (void*)buffer.Pointer) == 0,
                "lookup" => LookUpAbsent(fd, name, (thread << 40) + count),
                _ => MountLibc.Read(fd, (void*)buffer.Pointer, (nuint)Bytes, count * Bytes % FileSize) == Bytes,
            };
            if (!done)
            {
                throw new IOException($"{Name} on {mountpoint}: {Libc.LastError()}");
            }
            count++;
        }
        _ = MountLibc.Close(fd);
        return count;
    }

    private static bool LookUpAbsent(int directory, byte* name, long number)
    {
        Utf8Formatter.TryFormat(number, new Span<byte>(name, 63), out int length);
        name[length] = 0;
        return MountLibc.Access(directory, name, 0, 0) != 0;
    }
}
