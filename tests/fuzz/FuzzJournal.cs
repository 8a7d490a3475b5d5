using System.IO.MemoryMappedFiles;
using System.Text;

namespace Kaleidofs.Tests.Fuzz;

/// <summary>Keeps the seed of the episode that runs where it outlives the process: what kills the process cannot print it.</summary>
internal sealed class FuzzJournal : IDisposable
{
    private const int Length = 19;

    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public FuzzJournal(string target)
    {
        _path = Path.Combine(Path.GetTempPath(), $"kaleidofs-fuzz-{target}-{Environment.ProcessId}.seed");
        _file = MemoryMappedFile.CreateFromFile(_path, FileMode.Create, null, Length);
        _view = _file.CreateViewAccessor();
    }

    public void Note(ulong seed) => _view.WriteArray(0, Encoding.ASCII.GetBytes($"0x{seed:x16}\n"), 0, Length);

    /// <summary>The process lives, so its own words suffice.</summary>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
        File.Delete(_path);
    }
}
