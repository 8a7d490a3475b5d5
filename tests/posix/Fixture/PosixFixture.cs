using System.Globalization;
using System.Text;

namespace Kaleidofs.Tests.Posix;

/// <summary>The tree that the cases know by heart, as an archive.</summary>
public static class PosixFixture
{
    internal const string Time = "981173106.123456789";
    internal const long TimeSeconds = 981173106, TimeNanoseconds = 123456789;
    internal const string Hello = "Hello, world.\n";
    internal const int ContentSize = 1_234_567;
    internal const int ManyCount = 5000;
    internal const int Depth = 100;
    internal const int ChainLength = 45;
    internal const uint HugeUser = 3_000_000_000;

    /// <summary>A sparse file of more than 4 GiB: a page at its start, 64 KiB beyond 4 GiB, and its last page.</summary>
    internal const long SparseSize = (5L << 30) + 4096;
    internal static readonly (long Offset, long Length)[] SparseExtents = [(0, 4096), ((4L << 30) + 503808, 65536), (5L << 30, 4096)];

    internal static readonly int[] Modes = [0, 0x100, 0x1A4, 0x1ED, 0x1FF, 0x9ED, 0x5ED, 0x3FF];

    /// <summary>Names that somebody gets wrong.</summary>
    internal static readonly string[] StrangeNames =
    [
        new string('n', 255), " ", "two words", "-rf", "new\nline", "back\\slash", "*?[a]", "\u0001\u001B[31m", "...", "~",
        Bytes("naïve-名前-🦊"), "%s%n", "'\"$`", "a:b", "CON", "trailing.", "Case", "case",
    ];

    /// <summary>Names that are no UTF-8.</summary>
    internal static readonly string[] ByteNames = ["latin-\u00E9", "\u00FF\u00FE\u0080"];

    internal static readonly (string Name, byte[] Value)[] Xattrs =
    [
        ("user.short", "value"u8.ToArray()), ("user.empty", []), ("user.binary", [0, 1, 255, (byte)'\n', (byte)'=']),
    ];

    internal static readonly (string Name, byte[] Value) LongXattr = ("user.long", Pattern.Bytes(0, 4000));

    internal static readonly (string Name, string Time, long Seconds, long Nanoseconds)[] Times =
    [
        ("epoch", "0", 0, 0), ("before", "-1.25", -2, 750_000_000), ("nanosecond", "1700000000.000000001", 1_700_000_000, 1),
        ("after-2038", "4102444800.5", 4_102_444_800, 500_000_000), ("whole", "1000000000", 1_000_000_000, 0),
    ];

    /// <summary>Writes the archive.</summary>
    public static void Write(Stream output)
    {
        using var tar = new TarWriter(output);
        foreach (TarEntry entry in Entries())
            tar.Add(entry);
    }

    internal static string ManyName(int index) => "file-" + index.ToString("D5", CultureInfo.InvariantCulture);

    private static IEnumerable<TarEntry> Entries() =>
    [
        new("./", TarEntry.Directory),
        new("hello.txt") { Data = Latin1(Hello), User = 1000, Group = 1001 },
        new("empty") { Mode = 0x180 },
        new("content.bin") { Data = Pattern.Bytes(0, ContentSize) },
        new("page.bin") { Data = Pattern.Bytes(0, 4096) },
        new("secret") { Data = Latin1("secret\n"), Mode = 0x180 },
        new("sparse.bin")
        {
            SparseSize = SparseSize, Extents = SparseExtents,
            Data = [.. SparseExtents.SelectMany(extent => Pattern.Bytes(extent.Offset, (int)extent.Length))],
        },
        new("modes/", TarEntry.Directory) { Mode = 0x1C9 },
        .. Modes.Select(mode => new TarEntry("modes/" + Convert.ToString(mode, 8).PadLeft(4, '0')) { Mode = mode }),
        new("huge-user") { User = HugeUser, Group = 65534 },
        new("closed/", TarEntry.Directory) { Mode = 0x1C0 },
        new("closed/inside") { Data = Latin1("inside\n") },
        .. Links(),
        new("hard/", TarEntry.Directory),
        new("hard/a") { Data = Latin1("three names\n") },
        new("hard/b", TarEntry.HardLink) { Target = "hard/a" },
        new("hard/c", TarEntry.HardLink) { Target = "hard/a" },
        new("names/", TarEntry.Directory),
        .. StrangeNames.Select(name => new TarEntry("names/" + name) { Data = Latin1(name) }),
        new("bytes/", TarEntry.Directory),
        .. ByteNames.Select(name => new TarEntry("bytes/" + name) { Data = Latin1(name) }),
        new("many/", TarEntry.Directory),
        .. Enumerable.Range(0, ManyCount).Select(index => new TarEntry("many/" + ManyName(index)) { Data = Latin1(ManyName(index)) }),
        new(string.Concat(Enumerable.Repeat("deep/", Depth)) + "bottom") { Data = Latin1("deep\n") },
        new("implied/only/by/a/file") { Data = Latin1("implied\n") },
        new("attributes/", TarEntry.Directory) { Records = XattrRecords(Xattrs) },
        new("attributes/file") { Records = XattrRecords(Xattrs) },
        new("attributes/long") { Records = XattrRecords(LongXattr) },
        new("special/", TarEntry.Directory),
        new("special/fifo", TarEntry.Fifo),
        new("special/null", TarEntry.CharacterDevice) { Mode = 0x1B6, Major = 1, Minor = 3 },
        new("times/", TarEntry.Directory),
        .. Times.Select(time => new TarEntry("times/" + time.Name) { ModificationTime = time.Time }),
    ];

    private static IEnumerable<TarEntry> Links() =>
    [
        new("links/", TarEntry.Directory),
        Link("links/relative", "../hello.txt"),
        Link("links/directory", "../many"),
        Link("links/dangling", "nowhere"),
        Link("links/absolute", "/nowhere/at/all"),
        Link("links/loop", "loop"),
        Link("links/long", new string('l', 4000)),
        Link("links/bytes", "\u00FF\u00FE\u0080"),
        .. Enumerable.Range(1, ChainLength).Select(index =>
            Link($"links/chain-{index}", index == 1 ? "../hello.txt" : $"chain-{index - 1}")),
    ];

    private static TarEntry Link(string name, string target) => new(name, TarEntry.SymbolicLink) { Target = target, Mode = 0x1FF };

    private static (string, string)[] XattrRecords(params (string Name, byte[] Value)[] xattrs) =>
        [.. xattrs.Select(xattr => ("SCHILY.xattr." + xattr.Name, Encoding.Latin1.GetString(xattr.Value)))];

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    private static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
}
