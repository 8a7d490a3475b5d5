using System.Globalization;

namespace Kaleidofs.Drivers.Smb;

/// <summary>A share, and the directory in it that is shown.</summary>
/// <param name="Server">The server's name or address.</param>
/// <param name="Port">Its port, if the address has one.</param>
/// <param name="User">The user, if the address has one.</param>
/// <param name="Share">The share's name.</param>
/// <param name="Directory">Names with backslashes between; empty for the share itself.</param>
internal sealed record SmbAddress(string Server, int? Port, string? User, string Share, string Directory)
{
    /// <summary>Understands <c>//server/share/dir</c>, also <c>//user@server:port/share</c>.</summary>
    /// <exception cref="SourceException">It is something else.</exception>
    public static SmbAddress Parse(string source)
    {
        string[] parts = source.StartsWith("//", StringComparison.Ordinal) ? source[2..].Split('/', StringSplitOptions.RemoveEmptyEntries) : [];
        if (parts.Length == 0)
        {
            throw Invalid(source, "no server in it");
        }
        string server = parts[0];
        string? user = null;
        if (server.LastIndexOf('@') is >= 0 and var at)
        {
            user = Uri.UnescapeDataString(server[..at]);
            server = server[(at + 1)..];
            if (user.Contains(':', StringComparison.Ordinal))
            {
                throw new SourceException("smb: a password in the address can be read by everybody; give -o password-file=, or set KALEIDOFS_PASSWORD") { IsUsageError = true };
            }
        }
        int? port = null;
        int colon = server.StartsWith('[') ? server.IndexOf("]:", StringComparison.Ordinal) + 1 : server.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
        {
            if (!int.TryParse(server[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number is 0 or > 65535)
            {
                throw Invalid(source, "its port is no number");
            }
            port = number;
            server = server[..colon];
        }
        server = server.Trim('[', ']');
        if (server.Length == 0)
        {
            throw Invalid(source, "no server in it");
        }
        if (parts.Length < 2)
        {
            throw Invalid(source, $"no share in it; 'smbclient -L {server}' lists what a server has");
        }
        return new SmbAddress(server, port, user, parts[1], string.Join('\\', parts[2..].Select(part => SmbName.TryEncode(System.Text.Encoding.UTF8.GetBytes(part)) ?? part)));
    }

    /// <inheritdoc/>
    public override string ToString() => $"smb://{Server}{(Port is { } port ? $":{port}" : "")}/{Share}{(Directory.Length == 0 ? "" : "/" + Directory.Replace('\\', '/'))}";

    private static SourceException Invalid(string source, string reason)
        => new($"smb:{source}: {reason}; write smb://SERVER/SHARE or smb://SERVER/SHARE/DIRECTORY") { IsUsageError = true };
}
