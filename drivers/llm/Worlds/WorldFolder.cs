using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>Where a world is kept on this machine: a journal, a lock, and a file for each content that a user wrote.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Identity">What tells the world from others.</param>
internal sealed record WorldFolder(string Path, string Identity)
{
    /// <summary>What a journal begins with.</summary>
    public static ReadOnlySpan<byte> Magic => "kaleidofs llm world 1\n"u8;

    /// <summary>What was cut off a journal; a number follows if there is more than one.</summary>
    public const string TailName = "journal.cut-off";

    /// <summary>Where files are that a tail may have told of.</summary>
    public const string DataTailName = "data.cut-off";

    public string Journal => System.IO.Path.Combine(Path, "journal");

    private string DataTail => System.IO.Path.Combine(Path, DataTailName);

    private string Data => System.IO.Path.Combine(Path, "data");

    /// <summary>A world's own folder: the beginning of its premise, so that people find it, and a digest.</summary>
    public static WorldFolder Find(string parent, string premise, string identity)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)));
        string words = string.Concat(premise.Take(32).Select(character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '-')).Trim('-');
        return new WorldFolder(System.IO.Path.Combine(parent, $"{words}-{digest[..16]}"), digest);
    }

    public string GetDataPath(ulong data) => System.IO.Path.Combine(Data, data.ToString("x", CultureInfo.InvariantCulture));

    /// <exception cref="IOException">It cannot be made.</exception>
    public void Make()
    {
#pragma warning disable CA1416 // Drivers are loaded on Linux.
        Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
#pragma warning restore CA1416
        Directory.CreateDirectory(Data);
    }

    /// <summary>Keeps other processes out as long as it is held.</summary>
    /// <exception cref="IOException">Another has it.</exception>
    public FileStream Lock() => new(System.IO.Path.Combine(Path, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    /// <summary>A path for what is cut off, which no earlier tail has.</summary>
    public string GetTailPath()
    {
        string path = System.IO.Path.Combine(Path, TailName);
        for (int number = 1; File.Exists(path); number++)
        {
            path = System.IO.Path.Combine(Path, $"{TailName}.{number}");
        }
        return path;
    }

    /// <summary>The highest number that a data file has, kept aside or not; 0 if there is none.</summary>
    public ulong FindLastData() => new[] { Data, DataTail }.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).Select(GetNumber).DefaultIfEmpty().Max();

    /// <summary>Removes the files of contents that are no more, or keeps them with what was cut off a journal.</summary>
    public void ClearDataBut(IReadOnlySet<ulong> kept, bool keepsAside)
    {
        foreach (string path in Directory.EnumerateFiles(Data).Where(path => !kept.Contains(GetNumber(path))).ToArray())
        {
            if (keepsAside)
            {
                Directory.CreateDirectory(DataTail);
                File.Move(path, System.IO.Path.Combine(DataTail, System.IO.Path.GetFileName(path)));
            }
            else
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>The number of a data file; 0, which none has, of anything else.</summary>
    private static ulong GetNumber(string path)
        => ulong.TryParse(System.IO.Path.GetFileName(path), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong data) ? data : 0;
}
