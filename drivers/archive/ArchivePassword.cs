using System.Security.Cryptography;
using System.Text;

namespace Kaleidofs.Drivers.Archive;

/// <summary>The password that encrypted entries are read with. It comes from a file or the environment, never from a command line, which everybody can read.</summary>
internal sealed class ArchivePassword
{
    /// <summary>Where it is looked for if no option names a place.</summary>
    public const string DefaultVariable = "KALEIDOFS_PASSWORD";

    /// <summary>What to do where one is missing or wrong.</summary>
    public const string HowTo = "name a file that has it with -o password-file=PATH, or set " + DefaultVariable;

    private const int MaxLength = 4096;

    // Of this process only: what is derived with it says nothing to anybody else.
    private static readonly byte[] TagKey = RandomNumberGenerator.GetBytes(32);

    private ArchivePassword(byte[] bytes)
    {
        Bytes = bytes;
        Tag = Convert.ToHexStringLower(HMACSHA256.HashData(TagKey, bytes));
    }

    public byte[] Bytes { get; }

    /// <summary>The same for the same password in this process: what a wrong one makes of an entry must not be served to who has the right one.</summary>
    public string Tag { get; }

    /// <summary>What the options name; null if that is nothing, and nothing is set.</summary>
    /// <exception cref="SourceException">What they name is not there.</exception>
    public static ArchivePassword? From(IReadOnlyDictionary<string, string> options)
    {
        bool hasFile = options.TryGetValue("password-file", out string? file);
        bool hasVariable = options.TryGetValue("password-env", out string? variable);
        if (hasFile && hasVariable)
        {
            throw new SourceException("password-file and password-env: only one of them") { IsUsageError = true };
        }
        if (hasFile)
        {
            return new ArchivePassword(ReadFirstLine(file!));
        }
        string? value = string.IsNullOrEmpty(variable ?? DefaultVariable) ? null : Environment.GetEnvironmentVariable(variable ?? DefaultVariable);
        return !string.IsNullOrEmpty(value) ? new ArchivePassword(Encoding.UTF8.GetBytes(value))
            : hasVariable ? throw new SourceException($"password-env={variable}: that environment variable is not set, or empty; export it") { IsUsageError = true }
            : null;
    }

    private static byte[] ReadFirstLine(string path)
    {
        byte[] buffer = new byte[MaxLength + 1];
        int length = 0;
        try
        {
            // Not by its length: it may be a pipe, as shells make of <(command).
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            int count;
            while (length < buffer.Length && !buffer.AsSpan(0, length).Contains((byte)'\n') && (count = file.Read(buffer, length, buffer.Length - length)) > 0)
            {
                length += count;
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new SourceException($"password-file={path}: cannot be read: {exception.Message}", exception);
        }
        Span<byte> line = buffer.AsSpan(0, length);
        int end = line.IndexOf((byte)'\n');
        line = (end < 0 ? line : line[..end]).TrimEnd((byte)'\r');
        return line.IsEmpty ? throw new SourceException($"password-file={path}: its first line, which should be the password, is empty")
            : line.Length > MaxLength ? throw new SourceException($"password-file={path}: its first line is longer than any password ({MaxLength} bytes)")
            : line.ToArray();
    }
}
