namespace Kaleidofs.Tests.Support;

/// <summary>A folder that is gone when the test is.</summary>
public sealed class TemporaryFolder : IDisposable
{
    /// <summary>Short, as socket paths must be.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("kfs-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(At(name), text);
        return At(name);
    }

    public void Dispose()
    {
        // By rm, which neither follows links nor minds names that are not UTF-8.
        Shell.Run("rm -rf --one-file-system -- \"$1\"", Path);
    }
}
