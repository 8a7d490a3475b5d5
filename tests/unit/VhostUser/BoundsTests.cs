using Kaleidofs.Host.VhostUser;
using Kaleidofs.Host.Virtio;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>What a guest can make a device hold, and for how long that may touch the guest.</summary>
public sealed class BoundsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task No_more_requests_are_taken_than_may_be_in_flight()
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files);
        const int All = OutstandingQuota.MaxOfRing + 300;
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { QueueSize = 2048 }, slots: All, maxPayload: 64);
        for (int slot = 0; slot < All; slot++)
        {
            FuseClient.Prepare(guest.Ring, slot, Opcode.Read, PatternFileSystem.SlowInode, FuseClient.Bytes(new ReadIn { Size = 64 }), 64, (ulong)slot + 10);
            guest.Ring.Submit(slot);
        }
        guest.Ring.Publish();
        Assert.True(SpinWait.SpinUntil(() => files.Waiting == OutstandingQuota.MaxOfRing, Patience));
        // A message goes through the queue's own thread: by now it would have taken more.
        Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.SetVringCall, [1], [guest.Ring.Call.Number]));
        Assert.Equal(OutstandingQuota.MaxOfRing, files.Waiting);
        int answers = 0;
        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                files.Release();
                while (guest.Ring.TryReap(out _, out _))
                {
                    answers++;
                }
                return answers == All;
            },
            Patience));
    }

    [Fact]
    public void Rings_share_what_their_device_may_have_in_flight()
    {
        OutstandingQuota quota = new();
        Assert.Equal(OutstandingQuota.MaxOfRing, quota.Share);
        for (int rings = 1; rings <= 65; rings++)
        {
            quota.Enter();
            Assert.InRange(quota.Share, 1, OutstandingQuota.MaxOfRing);
            Assert.InRange(quota.Share * rings, 1, OutstandingQuota.MaxOfDevice);
        }
        for (int rings = 65; rings > 0; rings--)
        {
            quota.Leave();
        }
        Assert.Equal(OutstandingQuota.MaxOfRing, quota.Share);
    }

    [Theory]
    [InlineData("the device is reset")]
    [InlineData("its queues are stopped")]
    [InlineData("the front end goes")]
    public async Task What_a_given_up_request_writes_at_last_is_not_the_guests_memory(string ending)
    {
        StubbornFileSystem files = new();
        await using ServedDevice device = new(files, new VhostUserDeviceOptions { DrainTimeout = TimeSpan.FromMilliseconds(50) });
        using ConnectedGuest guest = new(device.Path);
        FuseClient.Prepare(guest.Ring, 1, Opcode.Read, 2, FuseClient.Bytes(new ReadIn { Size = 4096 }), 4096, 7);
        guest.Ring.Submit(1);
        guest.Ring.Publish();
        Assert.True(SpinWait.SpinUntil(() => files.Waiting == 1, Patience));
        bool isConnected = true;
        switch (ending)
        {
            case "the device is reset":
                Assert.Equal(0ul, guest.FrontEnd.Acknowledged(VhostUserRequest.ResetDevice, [], []));
                break;
            case "its queues are stopped":
                guest.FrontEnd.StopQueue(1);
                break;
            default:
                guest.FrontEnd.Dispose();
                isConnected = false;
                device.AssertServes();
                break;
        }
        // The guest's kernel has other uses for these pages now.
        Payload(guest).Fill(0x11);
        files.Release();
        Assert.True(SpinWait.SpinUntil(() => files.Written == 1, Patience));
        Assert.Equal(-1, Payload(guest).IndexOfAnyExcept((byte)0x11));
        if (isConnected)
        {
            using DriverRing ring = DriverRing.Create(guest.Ram, guest.Options, 1, 1, 4096);
            guest.FrontEnd.StartQueue(ring);
            FuseClient client = new(ring);
            client.Initialize();
            Assert.Equal(Errno.None, client.GetAttributes(FileSystem.RootInode).Errno);
            // The memory is the guest's own, not a copy that nobody sees: this one is written.
            Assert.Equal(StubbornFileSystem.Content, client.Read(2, 0, 0, 100).Data[0]);
        }
    }

    private static unsafe Span<byte> Payload(ConnectedGuest guest) => new(guest.Ring.Reply(1) + DriverRing.ReplyHeader, 4096);
}
