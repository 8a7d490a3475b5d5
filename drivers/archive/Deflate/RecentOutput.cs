namespace Kaleidofs.Drivers.Archive.Deflate;

/// <summary>The last 32 KiB that came out of an inflater: the window that going on from there takes.</summary>
internal sealed class RecentOutput
{
    private readonly byte[] _ring = new byte[ZLib.WindowLength];
    private int _next;
    private bool _isFull;

    /// <summary>Begins a new stream.</summary>
    public void Clear()
    {
        _next = 0;
        _isFull = false;
    }

    /// <summary>Takes what came out.</summary>
    public void Append(ReadOnlySpan<byte> output)
    {
        if (output.Length >= _ring.Length)
        {
            output[^_ring.Length..].CopyTo(_ring);
            _next = 0;
            _isFull = true;
            return;
        }
        int first = Math.Min(output.Length, _ring.Length - _next);
        output[..first].CopyTo(_ring.AsSpan(_next));
        output[first..].CopyTo(_ring);
        _isFull |= _next + output.Length >= _ring.Length;
        _next = (_next + output.Length) % _ring.Length;
    }

    /// <summary>All of it, in order.</summary>
    public ReadOnlySpan<byte> Get(Span<byte> buffer)
    {
        ReadOnlySpan<byte> older = _isFull ? _ring.AsSpan(_next) : [];
        older.CopyTo(buffer);
        _ring.AsSpan(0, _next).CopyTo(buffer[older.Length..]);
        return buffer[..(older.Length + _next)];
    }
}
