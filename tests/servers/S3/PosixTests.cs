using Kaleidofs.Tests.Posix;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>The table of POSIX cases, on a bucket of a real server.</summary>
[Collection(S3Collection.Name)]
public sealed class PosixTests(PosixMount mount) : IClassFixture<PosixMount>
{
    [SkippableTheory]
    [MemberData(nameof(PosixMount.Possible), MemberType = typeof(PosixMount))]
    public void A_mount_of_a_bucket_keeps(string promise) => mount.Expect(promise);

    [Fact]
    public void What_cannot_be_is_in_the_table() => Assert.Empty(PosixMount.Impossible.Keys.Except(PosixCases.All.Keys));
}
