using Kaleidofs.Tests.Vm.Guests;

namespace Kaleidofs.Tests.Vm.Posix;

/// <summary>The same table, in a guest over virtio-fs.</summary>
[Collection(SharedGuest.Collection)]
public sealed class PosixInGuestTests(SharedGuest guest)
{
    [SkippableTheory]
    [MemberData(nameof(PosixReport.Names), MemberType = typeof(PosixReport))]
    public void A_guest_keeps(string promise)
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        guest.Posix.Expect(promise);
    }
}
