using System.Text;
using System.Text.RegularExpressions;
using Kaleidofs.Diagnostics;
using Kaleidofs.Engine;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Unit.Diagnostics;

/// <summary>What <c>--trace</c> shows.</summary>
public sealed class TraceTests
{
    private const string Start = @"^\d\d:\d\d:\d\d\.\d{6} share/0 ";
    private const string End = @", \d+\.\d us$";

    [Fact]
    public void Each_operation_is_a_line_with_its_arguments_and_its_outcome()
    {
        RemoteFileSystem remote = new();
        ulong inode = remote.AddFile("file", Encoding.UTF8.GetBytes("content"));
        string[] lines = Trace(remote, transport =>
        {
            ulong handle = FuseMessage.BodyOf<OpenOut>(transport.Call(FuseMessage.Build(Opcode.Open, inode, new OpenIn { Flags = 0x8002 }))).Handle;
            transport.Read(inode, handle, 3, 100);
            transport.Lookup(1, "nothing");
            transport.Call(FuseMessage.Build(Opcode.MkDir, 1, new MkDirIn { Mode = 0x1ED }, "new\0"u8));
            transport.Call(FuseMessage.Build(Opcode.SymLink, 1, tail: "link\0target\0"u8));
            transport.Call(FuseMessage.Build((Opcode)99, 7));
            transport.Call(FuseMessage.Build(Opcode.Lookup, 1, tail: "no end"u8, unique: ulong.MaxValue));
        });
        string[] expected =
        [
            "#1 init inode=0 version=7.45 flags=0x[0-9a-f]+ = 64 bytes",
            "#1 open inode=2 flags=0x8002 = 16 bytes",
            "#1 read inode=2 fh=1 offset=3 size=100 = 4 bytes",
            "#1 lookup inode=1 \"nothing\" = ENOENT",
            "#1 mkdir inode=1 mode=0755 \"new\" = 128 bytes",
            "#1 symlink inode=1 \"link\" \"target\" = 128 bytes",
            @"#1 other\(99\) inode=7 = ENOSYS",
            "#18446744073709551615 lookup inode=1 = EINVAL",
        ];
        Assert.Equal(expected.Length, lines.Length);
        Assert.All(expected.Zip(lines), pair => Assert.Matches(Start + pair.First + End, pair.Second));
    }

    [Fact]
    public async Task An_operation_that_waits_is_a_line_when_it_is_answered()
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        RemoteFileSystem remote = new();
        using MemoryStream written = new();
        using (TraceOutput output = new(written))
        {
            MemoryTransport transport = new(remote, new FuseSessionOptions { Trace = new OperationTrace("share", output) });
            remote.Gate = _ => gate.Task;
            Task<byte[]> waiting = transport.CallAsync(FuseMessage.Build(Opcode.GetAttr, 1, new GetAttrIn(), unique: 1));
            transport.Call(FuseMessage.Build(Opcode.Forget, 1, new ForgetIn { LookupCount = 3 }, unique: 2));
            await Task.Delay(20);
            gate.SetResult();
            await waiting;
        }
        string[] lines = Encoding.UTF8.GetString(written.ToArray()).TrimEnd('\n').Split('\n');
        Assert.Matches("#2 forget inode=1 lookups=3 = 0 bytes", lines[1]);
        Assert.Matches(@"#1 getattr inode=1 = 104 bytes, \d{5,}\.\d us$", lines[2]);
    }

    [Theory]
    [InlineData("plain name.txt", "\"plain name.txt\"")]
    [InlineData("żółw 🐢 目录", "\"żółw 🐢 目录\"")]
    [InlineData("\x1b[2J\x07", "\"\\x1b[2J\\x07\"")]
    [InlineData("one\ntwo\r", "\"one\\x0atwo\\x0d\"")]
    [InlineData("a\"b\\c", "\"a\\x22b\\x5cc\"")]
    [InlineData("\u202Egpj.exe", "\"\\xe2\\x80\\xaegpj.exe\"")]
    [InlineData("\u009B31m", "\"\\xc2\\x9b31m\"")]
    [InlineData("\u2028", "\"\\xe2\\x80\\xa8\"")]
    public void A_name_does_not_steer_a_terminal(string name, string shown)
    {
        string line = Assert.Single(Trace(new RemoteFileSystem(), transport => transport.Lookup(1, name))[1..]);
        Assert.Contains($" lookup inode=1 {shown} = ENOENT", line);
    }

    [Fact]
    public void Neither_does_what_is_no_text()
    {
        StringBuilder text = new();
        text.AppendName([0xff, (byte)'a', 0xc3]).Append(' ').AppendName(Encoding.UTF8.GetBytes(new string('x', 300)));
        Assert.Equal($"\"\\xffa\\xc3\" \"{new string('x', 256)}\"...", text.ToString());
    }

    [Fact]
    public void A_reader_that_is_too_slow_loses_lines_is_told_how_many_and_holds_up_nobody()
    {
        using SlowStream slow = new();
        const int Count = 100_000;
        string line = new string('x', 199) + "\n";
        using (TraceOutput output = new(slow))
        {
            // Nothing is read meanwhile: this would never end if it waited.
            for (int i = 0; i < Count; i++)
            {
                output.Append(line);
            }
            slow.Open();
        }
        string text = Encoding.UTF8.GetString(slow.ToArray());
        string[] lines = text.TrimEnd('\n').Split('\n');
        int dropped = lines.Where(line => line.StartsWith("...", StringComparison.Ordinal)).Sum(line => int.Parse(Regex.Match(line, @"\d+").Value));
        Assert.InRange(dropped, 1, Count - 1);
        Assert.Equal(Count, dropped + lines.Count(line => line[0] == 'x'));
        Assert.All(lines, line => Assert.True(line.Length == 199 || line.StartsWith("... ", StringComparison.Ordinal)));
    }

    private static string[] Trace(FileSystem fileSystem, Action<MemoryTransport> act)
    {
        using MemoryStream written = new();
        using (TraceOutput output = new(written))
        {
            act(new MemoryTransport(fileSystem, new FuseSessionOptions { Trace = new OperationTrace("share", output) }));
        }
        string text = Encoding.UTF8.GetString(written.ToArray());
        Assert.EndsWith("\n", text);
        return text[..^1].Split('\n');
    }

    /// <summary>Takes nothing until it is opened.</summary>
    private sealed class SlowStream : MemoryStream
    {
        private readonly ManualResetEventSlim _open = new();

        public void Open() => _open.Set();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _open.Wait(TimeSpan.FromMinutes(2));
            base.Write(buffer);
        }
    }
}
