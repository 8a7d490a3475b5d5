using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Compresses by the formats' own tools, in the forms that their options and <c>cat</c> make.</summary>
internal static class Encoders
{
    /// <summary>Each reads standard input, or $1 where the tool must know the size.</summary>
    private static readonly Dictionary<string, string> Commands = new()
    {
        ["gz"] = "gzip -nc",
        ["zst"] = "zstd -qc",
        ["zst.long"] = "zstd -qc --long=27",
        ["zst.unchecked"] = "zstd -qc --no-check",
        ["zst.frames"] = Split("zstd -qc", 700_001),
        ["zst.skippable"] = """split -b 900000 --filter='zstd -qc; printf "\120\052\115\030\005\000\000\000hello"'""",
        ["xz"] = "xz -c",
        ["xz.blocks"] = "xz -c --block-size=300000",
        ["xz.blocks.x86"] = "xz -c -T2 --block-size=400000 --check=sha256 --x86 --lzma2=preset=1",
        ["xz.streams"] = """split -b 800000 --filter='xz -1c --check=crc32; printf "\0\0\0\0\0\0\0\0"'""",
        ["xz.unchecked"] = "xz -c --check=none",
        ["lzma"] = "xz -c --format=lzma",
        ["lz"] = "lzip -c",
        ["lz.members"] = "lzip -c -1 -b 200000",
        ["bz2"] = "bzip2 -c",
        ["bz2.1"] = "bzip2 -1c",
        ["bz2.streams"] = Split("bzip2 -3c", 650_000),
        ["lz4"] = "lz4 -qc",
        ["lz4.unchecked"] = "lz4 -qc --no-frame-crc",
        ["lz4.linked"] = "lz4 -qc -BD -B4",
        ["lz4.checked"] = "lz4 -qc -B5 -BX --content-size < \"$1\"",
        ["lz4.frames"] = Split("lz4 -qc -B4", 700_001),
        ["Z"] = "compress -c",
        ["Z.10"] = "compress -c -b 10",
        ["Z.12"] = "compress -c -b 12",
    };

    public static TheoryData<string> Names => [.. Commands.Keys];

    /// <summary>The ending of the files of a form.</summary>
    public static string GetEnding(string form) => form.Split('.')[0];

    /// <summary>Compresses; skips the test if the tool is not there.</summary>
    public static byte[] Encode(string form, byte[] content)
    {
        using TemporaryDirectory directory = new();
        CommandResult result = Shell.Run($"cat \"$1\" | ({Commands[form]})", directory.Write("content", content));
        Skip.If(result.Status == 127 || result.Error.Contains("not found", StringComparison.Ordinal), $"no tool for {form}: {result.Error}");
        Assert.True(result.Output.Length > 0 && result.Status is 0 or 2, $"{form}: {result.Error}");
        return result.Output;
    }

    private static string Split(string command, int length) => $"split -b {length} --filter='{command}'";
}
