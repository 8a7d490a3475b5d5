using System.Runtime.InteropServices;
using System.Text;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive;
using Kaleidofs.Drivers.Null;
using Kaleidofs.Engine;
using Kaleidofs.Host.Linux;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Bench.Session;

/// <summary>What kernels ask most, of sources that have the answer at hand; and what a source that has not costs the session.</summary>
internal sealed class SessionOperations : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ContentCache _cache = new();
    private readonly List<SessionOperation> _all = [];
    private readonly FileSystem[] _fileSystems;

    public SessionOperations()
    {
        FileSystem none = Open(new NullDriver(), "null", "");
        FileSystem zip = Open(new ArchiveDriver(), "zip", SampleZip.Write(_folder));
        WaitingFileSystem waiting = new();
        _fileSystems = [none, zip, waiting];
        AddNull(new MemoryTransport(none));
        AddZip(new MemoryTransport(zip));
        AddWaiting(new MemoryTransport(waiting).Session, waiting);
    }

    public IReadOnlyList<SessionOperation> All => _all;

    public SessionOperation this[string name] => _all.First(operation => operation.Name == name);

    public void Dispose()
    {
        _all.ForEach(operation => operation.Dispose());
        foreach (FileSystem fileSystem in _fileSystems)
        {
            fileSystem.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        _cache.Dispose();
        _folder.Dispose();
    }

    private FileSystem Open(Driver driver, string scheme, string source)
        => driver.OpenAsync(new DriverContext { Scheme = scheme, Source = source, Cache = _cache, Files = new DiskReader() }, CancellationToken.None).AsTask().GetAwaiter().GetResult();

    private void AddNull(MemoryTransport transport)
    {
        FuseSession session = transport.Session;
        ulong data = Inode(transport, FileSystem.RootInode, "data");
        ulong entries = Inode(transport, FileSystem.RootInode, "entries");
        Add("null: lookup", session, Named(Opcode.Lookup, FileSystem.RootInode, "data"), 128);
        Add("null: lookup of an absent name", session, Named(Opcode.Lookup, FileSystem.RootInode, "absent"), 128);
        Add("null: getattr", session, FuseMessage.Build(Opcode.GetAttr, data, default(GetAttrIn)), 104);
        Add("null: readdirplus 4 KiB", session, Read(Opcode.ReadDirPlus, entries, 4096), 4096);
        Add("null: read 4 KiB", session, Read(Opcode.Read, data, 4096), 4096);
        Add("null: read 128 KiB", session, Read(Opcode.Read, data, 128 << 10), 128 << 10);
        Add("null: forget", session, FuseMessage.Build(Opcode.Forget, data, new ForgetIn { LookupCount = 1 }), 0);
        ForgetOne[] forgotten = [.. Enumerable.Repeat(new ForgetOne { NodeId = data, LookupCount = 1 }, 64)];
        Add("null: batch forget of 64", session, FuseMessage.Build(Opcode.BatchForget, 0, new BatchForgetIn { Count = 64 }, MemoryMarshal.AsBytes(forgotten.AsSpan())), 0);
        Add("null: statfs", session, FuseMessage.Build(Opcode.StatFs, FileSystem.RootInode), 80);
        Add("null: access", session, FuseMessage.Build(Opcode.Access, data, new AccessIn { Mask = 4 }), 0);
        Add("null: an unknown opcode", session, FuseMessage.Build((Opcode)4000, data), 0);
    }

    private void AddZip(MemoryTransport transport)
    {
        FuseSession session = transport.Session;
        ulong deflated = Inode(transport, FileSystem.RootInode, "deflated");
        ulong stored = Inode(transport, FileSystem.RootInode, "stored");
        ulong small = Inode(transport, FileSystem.RootInode, "small");
        ulong link = Inode(transport, FileSystem.RootInode, "link");
        ulong directory = Inode(transport, FileSystem.RootInode, "directory");
        foreach (ulong file in (ulong[])[deflated, stored, small])
        {
            // Decoded, and checked, once: what follows is served from the cache.
            FuseMessage.PayloadOf(transport.Read(file, 0, 0, SampleZip.Length));
        }
        Add("zip: lookup", session, Named(Opcode.Lookup, directory, "file050"), 128);
        Add("zip: lookup of an absent name", session, Named(Opcode.Lookup, directory, "absent"), 128);
        Add("zip: getattr", session, FuseMessage.Build(Opcode.GetAttr, deflated, default(GetAttrIn)), 104);
        Add("zip: statx", session, FuseMessage.Build(Opcode.StatX, deflated, default(StatXIn)), 512);
        Add("zip: readdirplus 4 KiB", session, Read(Opcode.ReadDirPlus, directory, 4096), 4096);
        Add("zip: readdir 4 KiB", session, Read(Opcode.ReadDir, directory, 4096), 4096);
        Add("zip: read 4 KiB, deflated, cached", session, Read(Opcode.Read, small, 4096), 4096);
        Add("zip: read 128 KiB, deflated, cached", session, Read(Opcode.Read, deflated, 128 << 10, offset: 500_000), 128 << 10);
        Add("zip: read 4 KiB, stored", session, Read(Opcode.Read, stored, 4096), 4096);
        Add("zip: read 128 KiB, stored", session, Read(Opcode.Read, stored, 128 << 10, offset: 500_000), 128 << 10);
        Add("zip: readlink", session, FuseMessage.Build(Opcode.ReadLink, link), 4096);
        Add("zip: getxattr of an absent name", session, FuseMessage.Build(Opcode.GetXAttr, deflated, new GetXAttrIn { Size = 256 }, "security.capability\0"u8), 256);
        Add("zip: statfs", session, FuseMessage.Build(Opcode.StatFs, FileSystem.RootInode), 80);
    }

    private void AddWaiting(FuseSession session, WaitingFileSystem source)
    {
        QuietRequest open = new(FuseMessage.Build(Opcode.Open, 2, default(OpenIn)), 16 + 16) { Counters = session.Counters.Open(0) };
        QuietRequest release = new(FuseMessage.Build(Opcode.Release, 2, default(ReleaseIn)), 16) { Counters = session.Counters.Open(0) };
        _all.Add(SessionOperation.Of("stateful: open and release", () =>
        {
            session.Dispatch(open);
            // The handle comes first in either struct.
            open.Answer[16..24].CopyTo(release.Message[40..]);
            session.Dispatch(release);
        }, open, release));

        QuietRequest opened = new(FuseMessage.Build(Opcode.Open, 2, default(OpenIn)), 16 + 16) { Counters = session.Counters.Open(0) };
        session.Dispatch(opened);
        ulong handle = MemoryMarshal.Read<OpenOut>(opened.Answer[16..]).Handle;
        opened.Dispose();
        byte[] written = new byte[4096];
        Add("stateful: write 4 KiB", session, FuseMessage.Build(Opcode.Write, 2, new WriteIn { Handle = handle, Size = (uint)written.Length }, written), 8);
        QuietRequest read = new(FuseMessage.Build(Opcode.Read, 2, new ReadIn { Handle = handle, Size = 4096 }), 16 + 4096) { Counters = session.Counters.Open(0) };
        _all.Add(SessionOperation.Of("stateful: read that waits for its source", () =>
        {
            session.Dispatch(read);
            source.Answer();
        }, read));
    }

    private void Add(string name, FuseSession session, byte[] message, int payload)
        => _all.Add(SessionOperation.Of(name, session, new QuietRequest(message, 16 + payload) { Counters = session.Counters.Open(0) }));

    private static byte[] Named(Opcode opcode, ulong parent, string name) => FuseMessage.Build(opcode, parent, tail: Encoding.UTF8.GetBytes(name + "\0"));

    private static byte[] Read(Opcode opcode, ulong inode, int size, long offset = 0)
        => FuseMessage.Build(opcode, inode, new ReadIn { Size = (uint)size, Offset = (ulong)offset });

    private static ulong Inode(MemoryTransport transport, ulong parent, string name) => FuseMessage.BodyOf<EntryOut>(transport.Lookup(parent, name)).NodeId;
}
