using System.Diagnostics;
using System.Globalization;
using System.Text;
using Kaleidofs.Tests.Bench.Peers;
using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Support.Models;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Tests.Bench.Worlds;

/// <summary>Files that a server of OpenAI's protocol writes while they are read.</summary>
internal static class WrittenFiles
{
    private const int Readers = 64;
    private const int Pieces = 64;
    private const int PieceLength = 1 << 10;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly string Piece = new string('x', PieceLength - 1) + "\n";

    public static async Task MeasureAsync(int runs)
    {
        int files = runs * 3;
        using LyingServer server = new(request => AnswerAsync(request, files));
        using TemporaryFolder folder = new();
        ArchiveMounter mounter = new("kaleidofs", (source, place, _) => [Repository.At("kaleidofs"), "mount", source, place, "-o", $"endpoint={server.Endpoint},model=bench,stream,worlds={folder.At("worlds")}"], _ => true);
        using MountedArchive mounted = new(mounter, "llm:a benchmark");
        Directory.GetFiles(mounted.Place);
        List<double> direct = [];
        List<double> first = [];
        List<double> one = [];
        List<double> many = [];
        using HttpClient client = new();
        int requests = 0;
        for (int run = 0; run < runs; run++)
        {
            direct.Add(await AskAsync(client, server.Endpoint));
            first.Add(ReadFirst(At(mounted, run * 3)));
            one.Add(await ReadAllAsync(At(mounted, (run * 3) + 1), 1));
            int before = server.Requests;
            many.Add(await ReadAllAsync(At(mounted, (run * 3) + 2), Readers));
            requests += server.Requests - before;
        }
        Print("first byte, the server itself, ms", Median(direct));
        Print("first byte, kaleidofs, ms", Median(first));
        Print("a whole file, one reader, ms", Median(one));
        Print($"a whole file, {Readers} readers, ms", Median(many));
        Print($"requests of these {Readers}", (double)requests / runs);
        Console.WriteLine();
    }

    private static async Task AnswerAsync(LyingServer.Request request, int files)
    {
        if (request.IsListing)
        {
            IEnumerable<string> entries = Enumerable.Range(0, files).Select(file => $$"""{"name": "{{Name(file)}}", "type": "file", "about": "a file", "modified": ""}""");
            await request.AnswerAsync($$"""{"summary": "files", "entries": [{{string.Join(",", entries)}}]}""");
            return;
        }
        await request.BeginAsync();
        for (int piece = 0; piece < Pieces; piece++)
        {
            await request.SayAsync(Piece);
            await Task.Delay(Pause, request.End);
        }
        await request.FinishAsync();
    }

    private static string Name(int file) => string.Create(CultureInfo.InvariantCulture, $"f{file:000}.txt");

    private static string At(MountedArchive mounted, int file) => Path.Combine(mounted.Place, Name(file));

    private static async Task<double> AskAsync(HttpClient client, string endpoint)
    {
        long start = Stopwatch.GetTimestamp();
        using HttpRequestMessage message = new(HttpMethod.Post, endpoint + "/chat/completions");
        message.Content = new StringContent("""{"model": "bench", "stream": true, "messages": [{"role": "user", "content": "{}"}]}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        await using Stream stream = await response.Content.ReadAsStreamAsync();
        _ = await stream.ReadAsync(new byte[1]);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double ReadFirst(string path)
    {
        long start = Stopwatch.GetTimestamp();
        using SafeFileHandle file = File.OpenHandle(path);
        return RandomAccess.Read(file, new byte[1], 0) == 1 ? Stopwatch.GetElapsedTime(start).TotalMilliseconds : throw new IOException($"{path} is empty");
    }

    private static async Task<double> ReadAllAsync(string path, int readers)
    {
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, readers).Select(_ => Task.Factory.StartNew(() => ReadWhole(path), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static void ReadWhole(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        byte[] buffer = new byte[64 << 10];
        long length = 0;
        for (int read; (read = RandomAccess.Read(file, buffer, length)) > 0; length += read)
        {
        }
        if (length != Pieces * PieceLength)
        {
            throw new IOException($"{path} has {length} bytes");
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static void Print(string what, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-40} {value,8:0.0}"));
}
