using System.Text.Json;

namespace Kaleidofs.Drivers.S3.Renaming;

/// <summary>
/// A rename's file: a line for it, a line for each object as it is to be copied; when all are copied a line for each once more, and one that says so.
/// Without that line the copies are removed, with it the originals. Locked while its process lives.
/// </summary>
internal sealed class RenameNote : IDisposable
{
    private const string Copied = "copied";

    private readonly FileStream _file;
    private readonly string _path;

    private RenameNote(FileStream file, string path, RenameRecord record)
    {
        _file = file;
        _path = path;
        Record = record;
    }

    public RenameRecord Record { get; }

    /// <summary>The objects that an earlier process noted.</summary>
    public List<RenamedObject> Objects { get; } = [];

    /// <summary>Whether all of them had been copied.</summary>
    public bool IsCopied { get; private set; }

    /// <exception cref="IOException">It cannot be made.</exception>
    public static RenameNote Make(string path, RenameRecord record)
    {
        RenameNote note = new(new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16), path, record);
        note.Write(JsonSerializer.SerializeToUtf8Bytes(record, RenameRecords.Default.RenameRecord));
        return note;
    }

    /// <summary>Takes over what a dead process left; null if its process lives, or died before it did anything.</summary>
    public static RenameNote? Take(string path)
    {
        FileStream? file = null;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            using StreamReader lines = new(file, leaveOpen: true);
            RenameNote note = new(file, path, JsonSerializer.Deserialize(lines.ReadLine() ?? "", RenameRecords.Default.RenameRecord)!);
            while (!note.IsCopied && lines.ReadLine() is { } line && note.TryAdd(line))
            {
            }
            return note;
        }
        catch (JsonException) when (file is not null)
        {
            // Cut off: it died before it began.
            file.Dispose();
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            return null;
        }
    }

    /// <summary>Takes a line over; false if it is not whole: it was the last, and was not acted on.</summary>
    private bool TryAdd(string line)
    {
        if (line == Copied)
        {
            IsCopied = true;
            return true;
        }
        try
        {
            Objects.Add(JsonSerializer.Deserialize(line, RenameRecords.Default.RenamedObject)!);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Notes objects, on the disk.</summary>
    public void Add(IEnumerable<RenamedObject> objects, bool areCopied)
    {
        foreach (RenamedObject one in objects)
        {
            Write(JsonSerializer.SerializeToUtf8Bytes(one, RenameRecords.Default.RenamedObject));
        }
        if (areCopied)
        {
            Write("copied"u8);
        }
        _file.Flush(flushToDisk: true);
    }

    /// <summary>It is done, or undone.</summary>
    public void Remove() => File.Delete(_path);

    public void Dispose() => _file.Dispose();

    private void Write(ReadOnlySpan<byte> line)
    {
        _file.Write(line);
        _file.WriteByte((byte)'\n');
    }
}
