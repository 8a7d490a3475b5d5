using System.Text;
using System.Text.Json;

namespace Kaleidofs.Drivers.S3.Writing;

/// <summary>An upload in the journal, until it is disposed. Its file is locked as long.</summary>
internal sealed class UploadNote : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;

    /// <exception cref="IOException">It cannot be kept.</exception>
    public UploadNote(string path, UploadRecord record)
    {
        _path = path;
        _file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        _file.Write([.. JsonSerializer.SerializeToUtf8Bytes(record, UploadRecords.Default.UploadRecord), (byte)'\n']);
        _file.Flush(flushToDisk: true);
    }

    /// <summary>Adds the number that the server gave it. Should that not get to the disk, the upload is found without.</summary>
    public void SetUpload(string upload) => _file.Write(Encoding.UTF8.GetBytes(upload));

    public void Dispose()
    {
        File.Delete(_path);
        _file.Dispose();
    }
}
