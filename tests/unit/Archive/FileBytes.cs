using Kaleidofs.Drivers.Archive;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>A file as a source of bytes, for what decodes without a driver.</summary>
internal sealed class FileBytes(string path) : IDisposable
{
    public ByteSource Source { get; } = ArchiveFile.Open(path, DriverLog.Silent);

    public byte[] Head
    {
        get
        {
            byte[] head = new byte[Math.Min(512, Source.Length)];
            Assert.True(Source.TryRead(0, head));
            return head;
        }
    }

    public void Dispose() => Source.Dispose();
}
