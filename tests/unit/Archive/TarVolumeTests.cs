using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

public sealed class TarVolumeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_volume_of_several_reads_by_itself_and_says_what_of_it_is_elsewhere()
    {
        byte[] content = TestContent.Make(1, 300_000);
        _directory.Write("big", content);
        _directory.Write("after", "behind"u8.ToArray());
        Shell.Run("cd \"$1\" && tar -cM -L 200 -f 1.tar -f 2.tar big after", _directory.Path).Succeeded();

        await using (Browser first = await Browser.OpenAsync(_directory["1.tar"]))
        {
            Assert.Equal(["big"], await first.ListAllAsync());
            (Errno errno, byte[] read) = await first.ReadAsync(await first.FindAsync("big"), 0, 100_000);
            Assert.Equal(Errno.None, errno);
            Assert.True(content.AsSpan(0, 100_000).SequenceEqual(read));
            Assert.Equal(Errno.EIO, (await first.ReadAsync(await first.FindAsync("big"), 250_000, 1000)).Errno);
            Assert.Single(first.Log.Lines, line => line.Contains("1.tar: cut off", StringComparison.Ordinal));
        }
        await using Browser second = await Browser.OpenAsync(_directory["2.tar"]);
        Assert.Equal(["after"], await second.ListAllAsync());
        Assert.Equal("behind"u8.ToArray(), await second.ReadAllAsync("after"));
        Assert.Contains("the rest of 'big'", Assert.Single(second.Log.Lines));
    }
}
