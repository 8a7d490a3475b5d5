using Kaleidofs.Host.VhostUser;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>VIRTIO_F_IN_ORDER: a guest that took it gets its answers in the order of its requests.</summary>
public sealed class InOrderTests
{
    private const int Slots = 8;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answers_come_in_the_order_of_the_requests(bool packed)
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files, new VhostUserDeviceOptions { InOrder = true });
        using ConnectedGuest guest = new(device.Path, new FrontEndOptions { Packed = packed, InOrder = true }, slots: Slots, maxPayload: 4096);
        for (int round = 0; round < 50; round++)
        {
            int slow = round % Slots;
            Submit(guest.Ring, slow);
            Assert.True(SpinWait.SpinUntil(() => files.Waiting == 1, TimeSpan.FromSeconds(30)));
            // Those before the slow one are answered, those after it wait for it.
            List<int> seen = Reap(guest.Ring, slow);
            Assert.False(guest.Ring.HasAnswer);
            files.Release();
            seen.AddRange(Reap(guest.Ring, Slots - slow));
            Assert.Equal(Enumerable.Range(0, Slots), seen);
        }
    }

    [Fact]
    public async Task What_waited_for_its_turn_is_given_up_with_the_ring_and_the_next_ring_works()
    {
        PatternFileSystem files = new();
        await using ServedDevice device = new(files, new VhostUserDeviceOptions { InOrder = true, DrainTimeout = TimeSpan.FromMilliseconds(50) });
        using (ConnectedGuest guest = new(device.Path, new FrontEndOptions { InOrder = true }, slots: Slots, maxPayload: 4096))
        {
            Submit(guest.Ring, slow: 0);
            Assert.True(SpinWait.SpinUntil(() => files.Waiting == 1, TimeSpan.FromSeconds(30)));
        }
        Assert.True(SpinWait.SpinUntil(() => files.Cancelled == 1, TimeSpan.FromSeconds(30)));
        device.AssertServes();
    }

    [Fact]
    public async Task It_is_offered_only_if_asked_for()
    {
        await using ServedDevice device = new(new PatternFileSystem());
        using FrontEnd frontEnd = device.ConnectNegotiated();
        Assert.False(((VhostUserFeatures)frontEnd.Query(VhostUserRequest.GetFeatures)).HasFlag(VhostUserFeatures.InOrder));
        Assert.NotEqual(0ul, frontEnd.Acknowledged(VhostUserRequest.SetFeatures, [(ulong)VhostUserFeatures.InOrder], []));
    }

    private static void Submit(DriverRing ring, int slow)
    {
        for (int slot = 0; slot < Slots; slot++)
        {
            byte[] read = FuseClient.Bytes(new ReadIn { Size = 4096 });
            FuseClient.Prepare(ring, slot, Opcode.Read, slot == slow ? PatternFileSystem.SlowInode : PatternFileSystem.FileInode, read, 4096, (ulong)slot + 100);
            ring.Submit(slot);
        }
        ring.Publish();
    }

    private static List<int> Reap(DriverRing ring, int count)
    {
        List<int> seen = [];
        while (seen.Count < count)
        {
            Assert.True(ring.Wait(30_000));
            while (ring.TryReap(out int slot, out _))
            {
                seen.Add(slot);
            }
        }
        return seen;
    }
}
