using System.Collections.Concurrent;
using Kaleidofs.Host.Linux;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Reads files with a single thread that may wait: whatever waits on it for other work of its own never ends.</summary>
internal sealed class OneThreadReader : FileReader, IDisposable
{
    private readonly DiskReader _disk = new();
    private readonly BlockingCollection<Action> _work = [];

    public OneThreadReader()
        => new Thread(() =>
        {
            foreach (Action work in _work.GetConsumingEnumerable())
            {
                work();
            }
        })
        { IsBackground = true }.Start();

    public override ValueTask<int> ReadAsync(SafeFileHandle file, long position, int count, PayloadWriter destination) => _disk.ReadAsync(file, position, count, destination);

    public override bool TryReadNow(SafeFileHandle file, long position, Span<byte> destination) => false;

    public override Task<T> RunAsync<T>(Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    public void Dispose() => _work.CompleteAdding();
}
