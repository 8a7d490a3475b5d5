using Kaleidofs.Host.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Reads files; what may wait for a disk waits until the gate is opened.</summary>
internal sealed class GatedReader : FileReader
{
    private readonly DiskReader _disk = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _gate.SetResult();

    public override ValueTask<int> ReadAsync(SafeFileHandle file, long position, int count, PayloadWriter destination) => _disk.ReadAsync(file, position, count, destination);

    public override bool TryReadNow(SafeFileHandle file, long position, Span<byte> destination) => _disk.TryReadNow(file, position, destination);

    public override FileIdentity GetIdentity(SafeFileHandle file) => _disk.GetIdentity(file);

    public override async Task<T> RunAsync<T>(Func<T> work)
    {
        await _gate.Task;
        return await _disk.RunAsync(work);
    }
}
