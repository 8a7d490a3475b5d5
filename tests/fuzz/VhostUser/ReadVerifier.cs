using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.VhostUser;

/// <summary>A well-behaved guest that reads one file from end to end, at random, for as long as it lives, and compares.</summary>
internal sealed class ReadVerifier : IDisposable
{
    private readonly ConnectedGuest _guest;
    private readonly Thread _thread;
    private readonly byte[] _content;
    private readonly ulong _inode;
    private volatile bool _isStopped;
    private volatile string? _failure;
    private long _reads;

    public ReadVerifier(string path, string name, byte[] content)
    {
        _content = content;
        _guest = new ConnectedGuest(path);
        (Errno errno, Protocol.EntryOut entry) = _guest.Client.Lookup(FileSystem.RootInode, name);
        _inode = errno == Errno.None ? entry.NodeId : throw new FuzzException($"the verified share's file: {errno}");
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    public long Reads => Interlocked.Read(ref _reads);

    /// <exception cref="FuzzException">It did not get what it should have, or nothing at all.</exception>
    public void Check()
    {
        if (_failure is { } failure)
        {
            throw new FuzzException($"a well-behaved guest of another share, after {Reads} reads: {failure}");
        }
    }

    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
        _guest.Dispose();
    }

    private void Run()
    {
        Xorshift random = new(9);
        try
        {
            while (!_isStopped)
            {
                int offset = random.Below(_content.Length);
                int size = random.Between(1, 60_000);
                (Errno errno, byte[] data) = _guest.Client.Read(_inode, 0, (ulong)offset, size);
                if (errno != Errno.None || !data.AsSpan().SequenceEqual(_content.AsSpan(offset, Math.Min(size, _content.Length - offset))))
                {
                    _failure = $"{size} bytes at {offset}: {errno}, {data.Length} bytes that are not the file's";
                    return;
                }
                Interlocked.Increment(ref _reads);
            }
        }
        catch (Exception failure)
        {
            _failure = failure.Message;
        }
    }
}
