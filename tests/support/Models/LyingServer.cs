using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Kaleidofs.Tests.Support.Models;

/// <summary>A model's server that answers what a test wants, byte by byte: HTTP/1.1 on a socket of its own, and OpenAI's protocol.</summary>
internal sealed class LyingServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<Request, Task> _answer;
    private int _requests;

    /// <param name="answer">Answers each request.</param>
    public LyingServer(Func<Request, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/v1";

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Bodies of all requests.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>How many connections the client gave up while it was answered.</summary>
    public ConcurrentQueue<string> GivenUp { get; } = new();

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptSocketAsync(_end.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        string path = "";
        try
        {
            await using NetworkStream stream = new(socket, ownsSocket: true);
            Request request = await ReadAsync(stream);
            path = request.Path;
            Bodies.Enqueue(request.Body);
            request.Number = Interlocked.Increment(ref _requests);
            await _answer(request);
        }
        catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
        {
            GivenUp.Enqueue(path);
        }
    }

    private async Task<Request> ReadAsync(NetworkStream stream)
    {
        MemoryStream received = new();
        byte[] buffer = new byte[64 << 10];
        int end;
        while ((end = received.ToArray().AsSpan().IndexOf("\r\n\r\n"u8)) < 0)
        {
            int read = await stream.ReadAsync(buffer, _end.Token);
            received.Write(buffer, 0, read > 0 ? read : throw new IOException());
        }
        string head = Encoding.UTF8.GetString(received.ToArray(), 0, end);
        byte[] rest = received.ToArray()[(end + 4)..];
        string? length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        List<byte> body = [.. rest];
        if (length is not null)
        {
            while (body.Count < int.Parse(length.Split(':')[1], CultureInfo.InvariantCulture))
            {
                int read = await stream.ReadAsync(buffer, _end.Token);
                body.AddRange(buffer[..(read > 0 ? read : throw new IOException())]);
            }
        }
        return new Request(stream, head, Encoding.UTF8.GetString([.. body]), _end.Token);
    }

    /// <summary>One request, and the ways to answer it.</summary>
    internal sealed class Request(NetworkStream stream, string head, string body, CancellationToken end)
    {
        public int Number { get; set; }

        public string Head => head;

        public string Body => body;

        public string Path => head.Split(' ')[1];

        /// <summary>Ends when the test does.</summary>
        public CancellationToken End => end;

        /// <summary>Whether a listing is asked for.</summary>
        public bool IsListing => Data.TryGetProperty("may_have_directories", out _);

        /// <summary>The JSON document that the user's message is.</summary>
        public JsonElement Data
        {
            get
            {
                JsonElement message = JsonDocument.Parse(body).RootElement.GetProperty("messages").EnumerateArray().First(message => message.GetProperty("role").GetString() == "user");
                JsonElement content = message.GetProperty("content");
                return JsonDocument.Parse(content.ValueKind == JsonValueKind.String ? content.GetString()! : content[0].GetProperty("text").GetString()!).RootElement;
            }
        }

        public async Task SendAsync(string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text), end);

        public Task BeginAsync() => SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");

        public Task SayAsync(string text, string? finish = null)
            => EventAsync(new { id = "1", @object = "chat.completion.chunk", created = 1, model = "lies", choices = new[] { new { index = 0, delta = new { role = "assistant", content = text }, finish_reason = finish } } });

        public Task EventAsync(object value) => SendAsync($"data: {JsonSerializer.Serialize(value)}\n\n");

        public async Task FinishAsync(string reason = "stop")
        {
            await SayAsync("", reason);
            await EventAsync(new { id = "1", @object = "chat.completion.chunk", created = 1, model = "lies", choices = Array.Empty<object>(), usage = new { prompt_tokens = 100, completion_tokens = 10, total_tokens = 110 } });
            await SendAsync("data: [DONE]\n\n");
        }

        /// <summary>A whole answer.</summary>
        public async Task AnswerAsync(string text, string reason = "stop")
        {
            await BeginAsync();
            await SayAsync(text);
            await FinishAsync(reason);
        }

        public Task FailAsync(int status, string said = "no", string headers = "")
            => SendAsync($"HTTP/1.1 {status} No\r\nContent-Type: application/json\r\n{headers}Connection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(said)}\r\n\r\n{said}");
    }
}
