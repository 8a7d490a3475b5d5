using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Unit.VhostUser;

/// <summary>What one share has to do does not stop another of the same process.</summary>
public sealed class FairnessTests
{
    private const int Outstanding = 1024;

    [Fact]
    public async Task A_share_whose_source_never_answers_and_whose_queues_are_full_stops_no_other()
    {
        PatternFileSystem slow = new();
        await using ServedDevice busy = new(slow);
        await using ServedDevice quiet = new(new PatternFileSystem());
        using ConnectedGuest stuck = new(busy.Path, new FrontEndOptions { QueueSize = 2 * Outstanding }, slots: Outstanding + 100, maxPayload: 4096);
        for (int slot = 0; slot < stuck.Ring.Slots; slot++)
        {
            FuseClient.Prepare(stuck.Ring, slot, Opcode.Read, PatternFileSystem.SlowInode, FuseClient.Bytes(new ReadIn { Size = 4096 }), 4096, (ulong)slot + 10);
            stuck.Ring.Submit(slot);
        }
        stuck.Ring.Publish();
        Deadline deadline = Deadline.After(TimeSpan.FromMinutes(3));
        while (slow.Waiting < Outstanding)
        {
            Assert.False(deadline.HasPassed, $"{slow.Waiting} requests wait");
            Thread.Sleep(1);
        }

        using ConnectedGuest guest = new(quiet.Path, maxPayload: 4096);
        for (ulong i = 0; i < 10_000; i++)
        {
            (Errno errno, byte[] data) = guest.Client.Read(PatternFileSystem.FileInode, 0, i, 64);
            Assert.Equal(Errno.None, errno);
            Assert.Equal(PatternFileSystem.ByteAt(i), data[0]);
        }
        Assert.False(stuck.Ring.HasAnswer);

        // And the busy one has lost nothing.
        for (int answered = 0; answered < stuck.Ring.Slots; answered++)
        {
            // What had no room before comes to wait once others are answered.
            while (!stuck.Ring.Wait(milliseconds: 1))
            {
                Assert.False(deadline.HasPassed, $"{answered} answers");
                slow.Release();
            }
            Assert.True(stuck.Ring.TryReap(out _, out _));
        }
    }
}
