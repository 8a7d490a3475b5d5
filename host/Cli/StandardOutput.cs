namespace Kaleidofs.Host.Cli;

/// <summary>The standard output as bytes. Names are the source's own bytes; only a terminal is protected from those that would steer it.</summary>
internal sealed class StandardOutput : IDisposable
{
    private const int EPIPE = 32;

    private readonly Stream _stream = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
    private readonly bool _isTerminal = !Console.IsOutputRedirected;

    /// <summary>The unescaped stream.</summary>
    public Stream Stream => _stream;

    /// <summary>Whether an error says that the reader (head, less) has seen enough.</summary>
    public static bool IsClosedByReader(IOException exception) => (exception.HResult & 0xFFFF) == EPIPE;

    /// <summary>Writes text of the program's own.</summary>
    public void Write(string text) => _stream.Write(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Shows now what was written.</summary>
    public void Flush() => _stream.Flush();

    /// <summary>Writes a name, link target or value from the source.</summary>
    public void WriteName(ReadOnlySpan<byte> name)
    {
        if (!_isTerminal)
        {
            _stream.Write(name);
            return;
        }
        foreach (byte value in name)
        {
            if (value is < 0x20 or 0x7F)
            {
                Write($"\\x{value:x2}");
            }
            else
            {
                _stream.WriteByte(value);
            }
        }
    }

    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException exception) when (IsClosedByReader(exception))
        {
        }
    }
}
