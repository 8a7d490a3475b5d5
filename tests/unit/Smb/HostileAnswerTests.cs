using System.Buffers;
using System.Buffers.Binary;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Tests.Unit.Smb;

/// <summary>Whatever a server answers: no crash, no hang, nothing taken for content that is none, and no end of file that is not told.</summary>
public sealed class HostileAnswerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly CreateParameters Look = new(AccessMask.ReadData);

    [Fact]
    public async Task An_honest_server_is_understood()
    {
        using HostileServer server = new();
        new Random(1).NextBytes(server.Content);
        await using SmbShare share = await OpenAsync(server);
        SmbResult<CreateAnswer> opened = await share.CreateAsync("file", Look);
        Assert.Equal((NtStatus.Success, (ulong)server.Content.Length, 0x0807060504030201UL), (opened.Status, opened.Value.Facts.Size, opened.Value.Facts.FileNumber));
        ArrayBufferWriter<byte> content = new();
        SmbResult<int> read = await share.ReadAsync(opened.Value.Id, 10, 90_000, content, default);
        Assert.Equal(90_000, read.Value);
        Assert.Equal(server.Content.AsSpan(10, 90_000), content.WrittenSpan);
        Assert.Equal(NtStatus.EndOfFile, (await share.ReadAsync(opened.Value.Id, 100_000, 10, content, default)).Status);
        Assert.Equal("one", (await share.FindAsync("", "one")).Value.Name);
    }

    [Fact]
    public async Task Many_requests_are_under_way_at_once_and_answered_each_with_its_own()
    {
        using HostileServer server = new();
        new Random(1).NextBytes(server.Content);
        await using SmbShare share = await OpenAsync(server);
        await Task.WhenAll(Enumerable.Range(0, 2000).Select(async number =>
        {
            int count = number % 5 == 0 ? 40_000 : 100;
            ArrayBufferWriter<byte> content = new();
            Assert.Equal(count, (await share.ReadAsync(default, number * 10, count, content, default)).Value);
            Assert.True(server.Content.AsSpan(number * 10, count).SequenceEqual(content.WrittenSpan));
        })).WaitAsync(Limit);
    }

    [Theory]
    [InlineData(64, 17 + 1)]
    [InlineData(68, 0)]
    [InlineData(68, 1)]
    [InlineData(69, 0xFF)]
    [InlineData(71, 0xFF)]
    [InlineData(66, 0)]
    [InlineData(66, 0xFF)]
    public async Task A_read_whose_lengths_do_not_fit_fails(int at, byte value)
    {
        using HostileServer server = new();
        server.Damage = (command, answer) =>
        {
            if (command == Command.Read)
            {
                answer[at] = value;
                if (at == 68 && value == 0)
                {
                    // No content, and no word of an end.
                    BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(68), 0);
                }
            }
            return answer;
        };
        await using SmbShare share = await OpenAsync(server);
        SmbResult<int> read = await share.ReadAsync(default, 0, 1000, new ArrayBufferWriter<byte>(), default).WaitAsync(Limit);
        // One byte of a thousand is less, but what it says is there.
        Assert.True(read.Status is NtStatus.InvalidNetworkResponse or NtStatus.ConnectionDisconnected || (value == 1 && read.Value < 1000), read.Status.ToString());
    }

    [Fact]
    public async Task A_server_that_takes_all_credits_back_does_not_hang_anybody()
    {
        using HostileServer server = new();
        server.Damage = (command, answer) =>
        {
            answer[14] = (byte)(command is Command.Create or Command.QueryInfo ? 0 : 1);
            answer[15] = 0;
            return answer;
        };
        await using SmbShare share = await OpenAsync(server);
        for (int times = 0; times < 3; times++)
        {
            Assert.NotEqual(NtStatus.Success, (await share.CreateAsync("file", Look).WaitAsync(Limit)).Status);
        }
    }

    [Fact]
    public async Task A_cancelled_read_returns_at_once_and_the_connection_goes_on()
    {
        using HostileServer server = new();
        TaskCompletionSource asked = new();
        using ManualResetEventSlim go = new();
        server.Damage = (command, answer) =>
        {
            if (command == Command.Read)
            {
                asked.TrySetResult();
                go.Wait(Limit);
            }
            return answer;
        };
        await using SmbShare share = await OpenAsync(server);
        using CancellationTokenSource cancellation = new();
        ArrayBufferWriter<byte> content = new();
        Task<SmbResult<int>> read = share.ReadAsync(default, 0, 1000, content, cancellation.Token);
        await asked.Task.WaitAsync(Limit);
        await cancellation.CancelAsync();
        Assert.Equal(NtStatus.Cancelled, (await read.WaitAsync(Limit)).Status);
        go.Set();
        Assert.Equal(100, (await share.ReadAsync(default, 0, 100, new ArrayBufferWriter<byte>(), default).WaitAsync(Limit)).Value);
        Assert.Equal(0, content.WrittenCount);
    }

    [Fact]
    public async Task Mutated_answers_end_in_errors()
    {
        Random random = new(7);
        int failed = 0;
        for (int round = 0; round < 400; round++)
        {
            using HostileServer server = new();
            var target = (Command)random.Next(0, 18);
            int seed = random.Next();
            server.Damage = (command, answer) => command == target ? Mutate(new Random(seed), answer) : answer;
            try
            {
                failed += await UseAsync(server).WaitAsync(Limit) ? 0 : 1;
            }
            catch (SmbException exception)
            {
                Assert.DoesNotContain('\n', exception.Message);
                failed++;
            }
        }
        Assert.InRange(failed, 50, 400);
    }

    [Fact]
    public async Task A_server_that_asks_for_no_proof_is_not_taken_for_one_that_gave_it()
    {
        using HostileServer server = new();
        List<Command> asked = [];
        server.Damage = (command, answer) =>
        {
            asked.Add(command);
            if (command == Command.Negotiate)
            {
                // Of an older dialect nothing here needs a signature.
                BinaryPrimitives.WriteUInt16LittleEndian(answer.AsSpan(68), (ushort)Dialect.Smb210);
            }
            else if (command == Command.SessionSetup)
            {
                answer = [.. answer.AsSpan(0, 64), 9, 0, 0, 0, 72, 0, 0, 0];
                BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(8), (uint)NtStatus.Success);
            }
            return answer;
        };
        SmbTarget target = new() { Server = "127.0.0.1", Port = server.Port, Share = "share", Credentials = new SmbCredentials { User = "user", Password = "password" }, Timeout = TimeSpan.FromSeconds(2) };
        await Assert.ThrowsAsync<SmbException>(() => SmbLogon.OpenAsync(target, CancellationToken.None).WaitAsync(Limit));
        Assert.Equal([Command.Negotiate, Command.SessionSetup], asked);
    }

    [Fact]
    public async Task Noise_is_no_server()
    {
        Random random = new(9);
        for (int round = 0; round < 50; round++)
        {
            using HostileServer server = new();
            server.Damage = (_, answer) =>
            {
                random.NextBytes(answer);
                return answer;
            };
            await Assert.ThrowsAsync<SmbException>(() => OpenAsync(server).WaitAsync(Limit));
        }
    }

    private static async Task<bool> UseAsync(HostileServer server)
    {
        await using SmbShare share = await OpenAsync(server);
        SmbResult<CreateAnswer> opened = await share.CreateAsync("file", Look);
        ArrayBufferWriter<byte> content = new();
        SmbResult<int> read = await share.ReadAsync(opened.Value.Id, 0, 50_000, content, default);
        Assert.True(!read.IsOk || read.Value is > 0 and <= 50_000);
        SmbResult<(FileFacts, string)> found = await share.FindAsync("", "one");
        SmbResult<byte[]> list = await share.ListAsync(opened.Value.Id, true, default);
        if (list.IsOk)
        {
            int at = 0;
            int entries = 0;
            while (DirectoryEntries.TryRead(list.Value, ref at, out _, out _, out _))
            {
                Assert.True(++entries < 1000);
            }
        }
        SmbResult<int> written = await share.WriteAsync(opened.Value.Id, 0, new byte[100]);
        Assert.True(!written.IsOk || written.Value is > 0 and <= 100);
        SmbResult<byte[]> control = await share.ControlAsync(opened.Value.Id, 1, ReadOnlyMemory<byte>.Empty, 100);
        return opened.IsOk && read.IsOk && found.IsOk && list.IsOk && written.IsOk && control.IsOk && await share.CloseAsync(opened.Value.Id) == NtStatus.Success;
    }

    private static byte[]? Mutate(Random random, byte[] answer)
    {
        switch (random.Next(6))
        {
            case 0:
                return answer[..random.Next(answer.Length)];
            case 1:
                return null;
            case 2:
                return [.. answer, .. new byte[random.Next(1, 100)]];
            default:
                for (int times = random.Next(1, 4); times > 0; times--)
                {
                    // Mostly where lengths and offsets are.
                    int at = random.Next(random.Next(4) == 0 ? answer.Length : Math.Min(answer.Length, 160));
                    answer[at] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next() };
                }
                return answer;
        }
    }

    private static Task<SmbShare> OpenAsync(HostileServer server) => SmbLogon.OpenAsync(
        new SmbTarget { Server = "127.0.0.1", Port = server.Port, Share = "share", Credentials = SmbCredentials.Anonymous, Timeout = TimeSpan.FromSeconds(2) },
        CancellationToken.None);
}
