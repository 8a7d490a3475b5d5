namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>A directory of a test's own, gone when the test is.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("kaleidofs-test-");

    public string this[string name] => System.IO.Path.Combine(_directory.FullName, name);

    public string Path => _directory.FullName;

    /// <summary>Writes a file; returns its path.</summary>
    public string Write(string name, ReadOnlySpan<byte> content)
    {
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
