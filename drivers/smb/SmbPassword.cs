using System.Text;

namespace Kaleidofs.Drivers.Smb;

/// <summary>Where a password comes from: a file, the environment or the terminal; never a command line, which everybody can read.</summary>
internal static class SmbPassword
{
    private const string DefaultVariable = "KALEIDOFS_PASSWORD";
    private const int MaxLength = 4096;

    /// <exception cref="SourceException">There is none.</exception>
    public static string Get(IReadOnlyDictionary<string, string> options, string who)
    {
        string? file = options.GetValueOrDefault("password-file");
        string? variable = options.GetValueOrDefault("password-env");
        if (file is not null && variable is not null)
        {
            throw new SourceException("password-file and password-env: only one of them") { IsUsageError = true };
        }
        if (file is not null)
        {
            return ReadFirstLine(file);
        }
        if (Environment.GetEnvironmentVariable(variable ?? DefaultVariable) is { Length: > 0 } value)
        {
            return value;
        }
        if (variable is not null)
        {
            throw new SourceException($"password-env={variable}: that environment variable is not set, or empty; export it") { IsUsageError = true };
        }
        return Console.IsInputRedirected || Console.IsErrorRedirected
            ? throw new SourceException($"no password for {who}; give -o password-file=, set {DefaultVariable}, or call from a terminal") { IsUsageError = true }
            : Ask(who);
    }

    private static string ReadFirstLine(string path)
    {
        try
        {
            using StreamReader reader = new(path, Encoding.UTF8);
            char[] buffer = new char[MaxLength + 1];
            int length = reader.ReadBlock(buffer);
            string line = new string(buffer, 0, length).Split('\n')[0].TrimEnd('\r');
            return line.Length is > 0 and <= MaxLength ? line : throw new SourceException($"password-file={path}: its first line, which should be the password, is empty or too long");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new SourceException($"password-file={path}: cannot be read: {exception.Message}", exception);
        }
    }

    private static string Ask(string who)
    {
        Console.Error.Write($"Password of {who}: ");
        StringBuilder password = new();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                password.Length = Math.Max(0, password.Length - 1);
            }
            else if (key.KeyChar >= ' ')
            {
                password.Append(key.KeyChar);
            }
        }
        Console.Error.WriteLine();
        return password.ToString();
    }
}
