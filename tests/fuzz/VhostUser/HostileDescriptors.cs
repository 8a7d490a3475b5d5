using Kaleidofs.Host.Linux;
using Kaleidofs.Host.VhostUser;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.VhostUser;

/// <summary>File descriptors to send along: those that belong there, and others, among them one that blocks its writer for ever.</summary>
internal sealed unsafe class HostileDescriptors : IDisposable
{
    private readonly FileDescriptor _event = Libc.CreateEventFd();
    private readonly FileDescriptor _socket = Libc.CreateUnixSocket();
    private readonly FileDescriptor _full;
    private readonly FileDescriptor _null;
    private readonly int _memory;

    public HostileDescriptors(GuestRam ram)
    {
        _memory = ram.File.Number;
        _null = FileDescriptor.Own(FrontEndLibc.Open("/dev/null", FrontEndLibc.O_RDWR | FrontEndLibc.O_CLOEXEC), "open");
        _full = FileDescriptor.Own(FrontEndLibc.EventFd(0, FrontEndLibc.O_CLOEXEC), "eventfd");
        ulong most = ulong.MaxValue - 1;
        _ = Libc.Write(_full.Number, &most, sizeof(ulong));
    }

    /// <summary>As many as asked for, mostly of the kind that the message is about.</summary>
    public int[] Choose(Xorshift random, int count, VhostUserRequest request)
    {
        int[] chosen = new int[count];
        bool isMemory = request is VhostUserRequest.SetMemoryTable or VhostUserRequest.AddMemoryRegion;
        for (int i = 0; i < count; i++)
        {
            chosen[i] = random.Below(10) switch
            {
                0 => _socket.Number,
                1 => _null.Number,
                2 => _full.Number,
                3 => isMemory ? _event.Number : _memory,
                _ => isMemory ? _memory : _event.Number,
            };
        }
        return chosen;
    }

    public void Dispose()
    {
        _event.Dispose();
        _socket.Dispose();
        _full.Dispose();
        _null.Dispose();
    }
}
