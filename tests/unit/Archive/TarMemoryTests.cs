using Kaleidofs.Tests.Unit.VhostUser;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>What a tar makes the process keep. The count is the whole process's, and so these run alone.</summary>
[Collection(nameof(LeakTests))]
public sealed class TarMemoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Links_with_endless_names_are_not_kept()
    {
        TarWriter tar = new();
        string endless = new('x', 1 << 20);
        for (int i = 0; i < 20; i++)
        {
            tar.AddPax(("path", $"{i}{endless}"), ("linkpath", endless)).Add("x", type: '1');
        }
        byte[] gzip = TarWriter.Gzip(tar.Add("next", "next").ToArray());
        GC.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await using Browser browser = await Browser.OpenAsync(_directory.Write("x.tgz", gzip));
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 16 << 20);
        Assert.Equal(["next"], await browser.ListAllAsync());
    }
}
