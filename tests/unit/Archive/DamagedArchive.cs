namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>What is left of an archive that was damaged: all of it that can be read is read, within a time.</summary>
/// <param name="Refusal">Why it was refused; null if it opened.</param>
/// <param name="Lines">What the log was told.</param>
/// <param name="Files">What could be read of the files, by path; null for those that could not.</param>
internal sealed record DamagedArchive(string? Refusal, IReadOnlyCollection<string> Lines, Dictionary<string, byte[]?> Files)
{
    private const int MaxRead = 20_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Writes the archive, opens it and reads it; fails on anything but a refusal in one line or an errno that says that content cannot be had.</summary>
    public static async Task<DamagedArchive> ReadAsync(string path, byte[] archive, string what)
    {
        await File.WriteAllBytesAsync(path, archive);
        try
        {
            // On a thread of its own, so that a hang is one test's failure.
            return await Task.Run(() => ReadAsync(path, what)).WaitAsync(Patience);
        }
        catch (SourceException exception)
        {
            Assert.StartsWith(path, exception.Message);
            Assert.DoesNotContain('\n', exception.Message);
            return new DamagedArchive(exception.Message, [], []);
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"{what}: {exception.Message}", exception);
        }
    }

    private static async Task<DamagedArchive> ReadAsync(string path, string what)
    {
        Dictionary<string, byte[]?> files = [];
        await using Browser browser = await Browser.OpenAsync(path);
        foreach ((string name, Attributes attributes) in await browser.WalkAsync())
        {
            if (attributes.IsRegularFile)
            {
                (Errno errno, byte[] content) = await browser.ReadAsync(attributes.Inode, 0, MaxRead);
                Assert.True(errno is Errno.None or Errno.EIO or Errno.EOPNOTSUPP, what);
                Assert.True(errno != Errno.None || (ulong)content.Length == Math.Min(attributes.Size, MaxRead), what);
                files[name] = errno == Errno.None ? content : null;
            }
            else if (attributes.IsSymbolicLink)
            {
                await browser.FileSystem.ReadLinkAsync(default, attributes.Inode);
            }
        }
        Assert.All(browser.Log.Lines, line => Assert.DoesNotContain('\n', line));
        return new DamagedArchive(null, browser.Log.Lines, files);
    }
}
