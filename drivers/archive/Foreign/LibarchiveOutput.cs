using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Foreign;

/// <summary>The tar that libarchive writes, as frames.</summary>
internal sealed class LibarchiveOutput : IDisposable
{
    private readonly WorkerFrames _frames;
    private readonly Libarchive.WriteCallback _write;

    public LibarchiveOutput(WorkerFrames frames)
    {
        _frames = frames;
        _write = Write;
        Handle = Libarchive.CreateWriter();
        _ = Libarchive.WritePax(Handle);
        // Each byte goes on at once: a frame about an entry stands at its place between those of its bytes.
        _ = Libarchive.SetBlockLength(Handle, 0);
        _ = Libarchive.OpenWriter(Handle, 0, 0, _write, 0);
    }

    /// <summary>struct archive.</summary>
    public nint Handle { get; }

    public void Close() => _ = Libarchive.CloseWriter(Handle);

    public void Dispose()
    {
        _ = Libarchive.FreeWriter(Handle);
        GC.KeepAlive(_write);
    }

    private nint Write(nint archive, nint data, nint buffer, nuint length)
    {
        int count = (int)Math.Min(length, WorkerFrames.MaxLength);
        if (!MemoryMarshal.TryGetArray(_frames.Payload, out ArraySegment<byte> payload))
        {
            return Libarchive.Fatal;
        }
        Marshal.Copy(buffer, payload.Array!, payload.Offset, count);
        _frames.Send(WorkerFrame.Data, count);
        return count;
    }
}
