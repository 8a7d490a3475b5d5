using System.Globalization;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Bench.DataPlane;

/// <summary>One kind of request, again and again.</summary>
internal sealed class Workload
{
    /// <summary>The length of the one large file.</summary>
    public const ulong DataSize = 64 << 20;

    /// <summary>The small files that a share may have in its directory.</summary>
    public const int SmallFiles = 512;

    public const int SmallSize = 64 << 10;

    private const int ListingSize = 4096;
    private const int BurnedSize = 400;

    private Workload(string name, Opcode opcode, int payload)
    {
        Name = name;
        Opcode = opcode;
        Payload = payload;
    }

    /// <summary>Reads small files whole, one after the other, and over again.</summary>
    public static Workload ReadSmallFiles { get; } = new("read files", Opcode.Read, SmallSize) { FileSize = SmallSize, FileName = null };

    /// <summary>Makes the driver of tests/hostile burn a tenth of a millisecond of CPU time on the thread pool, each time.</summary>
    public static Workload Burn { get; } = new("burning", Opcode.Read, BurnedSize) { FileSize = BurnedSize, FileName = "burn" };

    public static IReadOnlyList<Workload> All { get; } =
    [
        new("getattr", Opcode.GetAttr, 104),
        new("lookup", Opcode.Lookup, 128),
        new("readdirplus", Opcode.ReadDirPlus, ListingSize),
        new("read4k", Opcode.Read, 4 << 10),
        new("read64k", Opcode.Read, 64 << 10),
        new("read1m", Opcode.Read, 1 << 20),
    ];

    public string Name { get; }

    public Opcode Opcode { get; }

    /// <summary>The reply's room behind its header.</summary>
    public int Payload { get; }

    /// <summary>Reads go through a file from its start, then through the next; after the last comes the first again.</summary>
    public ulong FileSize { get; private init; } = DataSize;

    /// <summary>The file that is read; null for the small ones.</summary>
    public string? FileName { get; private init; } = "data";

    public static Workload Find(string name) => All.FirstOrDefault(workload => workload.Name == name) ?? throw new FormatException($"there is no work '{name}'");

    /// <summary>The same on a file of another length.</summary>
    public Workload On(ulong fileSize) => new(Name, Opcode, Payload) { FileSize = fileSize, FileName = FileName };

    public static string SmallFile(int index) => string.Create(CultureInfo.InvariantCulture, $"e{index:00000000}");

    /// <summary>The inode numbers of the files that are read.</summary>
    public ulong[] FindFiles(FuseClient client)
    {
        if (FileName is not null)
        {
            return [Find(client, FileSystem.RootInode, FileName)];
        }
        ulong directory = Find(client, FileSystem.RootInode, "entries");
        return [.. Enumerable.Range(0, SmallFiles).Select(index => Find(client, directory, SmallFile(index)))];
    }

    /// <summary>Writes the request into every slot of a ring; the client speaks on the first slot before.</summary>
    public void Prepare(DriverRing ring, FuseClient client, ulong file)
    {
        ulong directory = Opcode == Opcode.ReadDirPlus ? Find(client, FileSystem.RootInode, "entries") : 0;
        // Before any slot is filled: the client's own requests go through the first.
        ulong handle = Opcode switch
        {
            Opcode.Read => client.Open(file),
            Opcode.ReadDirPlus => client.Open(directory, directory: true),
            _ => 0,
        };
        for (int slot = 0; slot < ring.Slots; slot++)
        {
            (ulong inode, byte[] body) = Opcode switch
            {
                Opcode.GetAttr => (file, FuseClient.Bytes(default(GetAttrIn))),
                Opcode.Lookup => (FileSystem.RootInode, "data\0"u8.ToArray()),
                Opcode.ReadDirPlus => (directory, FuseClient.Bytes(new ReadIn { Handle = handle, Size = ListingSize })),
                _ => (file, FuseClient.Bytes(new ReadIn { Handle = handle, Size = (uint)Payload })),
            };
            FuseClient.Prepare(ring, slot, Opcode, inode, body, Payload, unique: ((ulong)ring.Index << 32) + 1_000_000 + (ulong)slot);
        }
    }

    private static ulong Find(FuseClient client, ulong parent, string name)
    {
        (Errno errno, EntryOut entry) = client.Lookup(parent, name);
        return errno == Errno.None ? entry.NodeId : throw new IOException($"the daemon does not serve '{name}': {errno}");
    }
}
