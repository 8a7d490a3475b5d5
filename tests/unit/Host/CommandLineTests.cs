using System.IO.Compression;
using System.Text;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Host;

[Collection(ProgramCollection.Name)]
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("serve")]
    [InlineData("mount")]
    [InlineData("host")]
    [InlineData("status")]
    [InlineData("top")]
    [InlineData("ls")]
    [InlineData("cat")]
    [InlineData("stat")]
    [InlineData("tree")]
    [InlineData("index")]
    [InlineData("drivers")]
    public void Every_verb_explains_itself_with_an_example(string verb)
    {
        CommandResult help = BuiltProgram.Run(verb, "--help").Succeeded();
        Assert.Contains("Usage:", help.Text);
        Assert.Contains($"Examples:\n  kaleidofs {verb}", help.Text);
    }

    [Theory]
    [InlineData("'lss'; did you mean 'ls'?", "lss", "null:")]
    [InlineData("'--readonyl'; did you mean '--readonly'?", "mount", "null:", "/mnt", "--readonyl")]
    [InlineData("'--tgg=x'; did you mean '--tag'?", "serve", "null:", "--tgg=x")]
    [InlineData("unknown option '-x'", "ls", "-x", "null:")]
    [InlineData("'mount'", "mount")]
    [InlineData("--socket-path PATH", "serve", "null:")]
    [InlineData("--queues 'many' is not a number", "serve", "null:", "--socket-path", "/s", "--queues", "many")]
    [InlineData("--tag '0123456789012345678901234567890123456': it takes 1 to 36 bytes", "serve", "null:", "--socket-path", "/s", "--tag", "0123456789012345678901234567890123456")]
    [InlineData("--queues 65: it takes a number from 1 to 64", "serve", "null:", "--socket-path", "/s", "--queues", "65")]
    [InlineData("exclude each other", "serve", "null:", "--socket-path", "/s", "--fd", "3")]
    [InlineData("unknown scheme 'nul'", "ls", "nul:")]
    [InlineData("known schemes: archive, git, llm, null, s3, smb, tar, zip", "ls", "nul:")]
    [InlineData("unknown option 'sise' (known: size, entries)", "ls", "null:", "-o", "sise=1")]
    [InlineData("uid=me", "ls", "null:", "-o", "uid=me")]
    [InlineData("--translate-uid", "ls", "null:", "--translate-uid", "map:1")]
    [InlineData("--cache-size 'big'", "ls", "null:", "--cache-size", "big")]
    [InlineData("cannot look for drivers: /nonexistent: no such directory", "ls", "null:", "--driver-path", "/nonexistent")]
    [InlineData("--log-level 'loud'", "ls", "null:", "--log-level", "loud")]
    public void A_mistyped_command_line_gets_a_hint_and_no_page(string hint, params string[] arguments)
    {
        CommandResult result = BuiltProgram.Run(arguments);
        Assert.Equal(2, result.Status);
        Assert.Contains(hint, result.Error);
        Assert.InRange(result.Error.TrimEnd().Split('\n').Length, 1, 2);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("no such file or directory", "ls", "/nonexistent.zip")]
    [InlineData("no driver recognizes the file", "ls", "/etc/hostname")]
    [InlineData("No such file or directory", "cat", "null:", "nothing")]
    [InlineData("Is a directory", "cat", "null:", "entries")]
    [InlineData("Not a directory", "ls", "null:", "data/x")]
    public void A_source_that_fails_is_one_line_and_exit_code_1(string message, params string[] arguments)
    {
        CommandResult result = BuiltProgram.Run(arguments);
        Assert.Equal(1, result.Status);
        Assert.StartsWith("kaleidofs: ", result.Error);
        Assert.Contains(message, result.Error);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void No_arguments_show_the_verbs_and_count_as_bad_usage()
    {
        CommandResult result = BuiltProgram.Run();
        Assert.Equal(2, result.Status);
        Assert.Contains("serve <SOURCE>", result.Error);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void Capabilities_are_printed_as_management_programs_expect()
    {
        CommandResult result = BuiltProgram.Run("serve", "--print-capabilities").Succeeded();
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(result.Text);
        Assert.Equal("fs", json.RootElement.GetProperty("type").GetString());
    }

    [Fact]
    public void Drivers_lists_names_schemes_and_options()
    {
        string text = BuiltProgram.Run("drivers").Succeeded().Text;
        Assert.Contains("archive: ", text);
        Assert.Contains("schemes  null:", text);
        Assert.Contains("-o entries=N", text);
        Assert.Contains("-o uid=ID", text);
    }

    [Fact]
    public void Names_are_printed_byte_by_byte()
    {
        using TemporaryFolder folder = new();
        byte[] name = [(byte)'a', 0xFF, (byte)'\t', 0xE4, (byte)'b'];
        ZipWriter zip = new();
        ZipWriterEntry entry = zip.Add(name, "x"u8.ToArray());
        entry.Flags |= 0x800;
        File.WriteAllBytes(folder.At("x.zip"), zip.ToArray());
        Assert.Equal((byte[])[.. name, (byte)'\n'], BuiltProgram.Run("ls", folder.At("x.zip")).Succeeded().Output);
    }

    [Fact]
    public void A_view_shows_what_the_source_has()
    {
        using TemporaryFolder folder = new();
        string path = folder.At("x.zip");
        byte[] content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        using (ZipArchive zip = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using (Stream file = zip.CreateEntry("dir/big", CompressionLevel.Fastest).Open())
            {
                file.Write(content);
            }
            ZipArchiveEntry small = zip.CreateEntry("dir/sub/small");
            small.LastWriteTime = new DateTimeOffset(2021, 2, 3, 4, 5, 6, TimeSpan.Zero);
            small.ExternalAttributes = (0x8000 | 0x1A4) << 16;
            using Stream text = small.Open();
            text.Write("hello\n"u8);
        }

        Assert.Equal("dir\n", BuiltProgram.Run("ls", path).Succeeded().Text);
        Assert.Equal("big\nsub\n", BuiltProgram.Run("ls", path, "/dir/").Succeeded().Text);
        Assert.Equal(".:\ndir\n\ndir:\nbig\nsub\n\ndir/sub:\nsmall\n", BuiltProgram.Run("ls", "-R", path).Succeeded().Text);
        Assert.Matches(@"^-rw-r--r-- 1 7 8 6 2021-02-03 04:05:06 small\n$", BuiltProgram.Run("ls", "-l", path, "dir/sub", "-o", "uid=7,gid=8").Succeeded().Text);
        Assert.Contains(" owner: 1000\n", BuiltProgram.Run("stat", path, "dir/big", "-o", "uid=7", "--translate-uid", "map:1000:7:1").Succeeded().Text);
        Assert.Contains("mode: 0600 (-rw-------)", BuiltProgram.Run("stat", path, "dir/big", "-o", "mode=600").Succeeded().Text);
        Assert.Equal(content, BuiltProgram.Run("cat", path, "dir/big").Succeeded().Output);
        Assert.Equal(".\n└── dir\n    ├── big\n    └── sub\n        └── small\n\n2 directories, 2 files\n", Encoding.UTF8.GetString(BuiltProgram.Run("tree", path).Succeeded().Output));
        Assert.Equal("hello\n", BuiltProgram.Run("cat", path, "dir/../dir/./sub/small").Succeeded().Text);
    }

    [Fact]
    public void A_reader_that_has_seen_enough_is_no_failure()
    {
        CommandResult result = Shell.Run("set -o pipefail; \"$1\" cat null: data | head -c 10 | wc -c", BuiltProgram.Program);
        Assert.Equal("10\n", result.Text);
        Assert.Equal(0, result.Status);
        Assert.Empty(result.Error);
    }

    [Fact]
    public void A_colon_in_an_existing_path_does_not_make_a_scheme()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.At("null:x.zip"), new ZipWriter().ToArray());
        CommandResult result = Shell.Run("cd \"$1\" && exec \"$2\" ls null:x.zip", folder.Path, BuiltProgram.Program);
        Assert.Equal("", result.Succeeded().Text);
    }

    [Fact]
    public void It_runs_from_anywhere_through_a_link_and_becomes_the_program()
    {
        using TemporaryFolder folder = new();
        Shell.Run("ln -s \"$1\" \"$2/first\" && ln -s first \"$2/second\"", BuiltProgram.Program, folder.Path).Succeeded();
        CommandResult result = Shell.Run("""
            cd "$1" && mkdir m
            ./second mount null: m 2>log & pid=$!
            for i in $(seq 500); do mountpoint -q m && break; sleep .02; done
            readlink /proc/$pid/exe
            kill $pid; wait $pid
            """, folder.Path).Succeeded();
        Assert.Equal(Repository.At("artifacts/kaleidofs/kaleidofs") + "\n", result.Text);
    }
}
