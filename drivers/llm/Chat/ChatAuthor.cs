using System.Net;
using System.Text;
using Kaleidofs.Drivers.Llm.Authors;
using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Pictures;
using Kaleidofs.Drivers.Llm.Worlds;
using Microsoft.Extensions.AI;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>Asks a model, checks what it says, and asks once more, with the reason, when that cannot be used.</summary>
internal sealed class ChatAuthor : Author
{
    private const int Attempts = 2;
    private const int MaxListing = 1 << 20;
    private const int MaxAnswerTokens = 8192;
    private const int LongestCall = 10;

    private readonly IChatClient _client;
    private readonly WorldDefinition _definition;
    private readonly TimeSpan _longest;
    private readonly string? _key;
    private volatile bool _ignoresSchema;

    /// <param name="client">The provider.</param>
    /// <param name="definition">The world.</param>
    /// <param name="timeout">How long it may be silent.</param>
    /// <param name="usesSchema">Whether it is sent the schema of listings.</param>
    /// <param name="key">What must not be said to anybody.</param>
    public ChatAuthor(IChatClient client, WorldDefinition definition, TimeSpan timeout, bool usesSchema, string? key = null)
    {
        _client = client;
        _definition = definition;
        _longest = timeout * LongestCall;
        _ignoresSchema = !usesSchema;
        _key = key;
        Name = client.GetService<ChatClientMetadata>()?.DefaultModelId ?? definition.Model ?? "model";
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <exception cref="SourceException">Something is missing.</exception>
    public static ChatAuthor Open(WorldDefinition definition, LlmOptions options, DriverLog log)
    {
        string? key = ChatClients.ReadKey(options);
        if (key is not null && options.Endpoint is { } endpoint && new Uri(endpoint) is { Scheme: "http", IsLoopback: false })
        {
            log.Warning($"{endpoint}: the key is sent without encryption; use https");
        }
        HttpClient http = new(new PatientHandler(options.Timeout, options.Retries)) { Timeout = Timeout.InfiniteTimeSpan };
        return new ChatAuthor(ChatClients.Open(definition, options, key, http), definition, options.Timeout, usesSchema: options.Provider != "anthropic", key);
    }

    /// <inheritdoc/>
    public override async Task<Outcome> ListAsync(ListingRequest request, CancellationToken cancellationToken)
    {
        Prompt prompt = PromptWriter.ForListing(request);
        List<ChatMessage> messages = prompt.ToMessages();
        Usage usage = default;
        string? problem = null;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (!request.Budget.TryBegin())
            {
                return Outcome.OverBudget(prompt.Digest, usage);
            }
            StringBuilder text = new();
            ChatOptions options = MakeOptions(MaxAnswerTokens);
            bool usesSchema = !_ignoresSchema;
            if (usesSchema)
            {
                options.ResponseFormat = ChatResponseFormat.ForJsonSchema(ListingReader.Schema, "listing");
            }
            Answer answer = await AskAsync(messages, options, part =>
            {
                text.Append(part);
                return new(text.Length > MaxListing ? "it does not end" : null);
            }, cancellationToken).ConfigureAwait(false);
            usage += Settle(request.Budget, messages, text.Length, answer);
            if (answer.IsRefused)
            {
                if (usesSchema && answer.Status == HttpStatusCode.BadRequest)
                {
                    // A server that does not know schemas: without, and that was no attempt.
                    _ignoresSchema = true;
                    attempt--;
                    continue;
                }
                return new Outcome(answer.Errno, answer.Problem!, prompt.Digest, usage);
            }
            problem = answer.Problem;
            if (problem is null && ListingReader.Read(text.ToString(), out problem) is { } listing)
            {
                return new Outcome(Errno.None, "", prompt.Digest, usage) { Listing = listing };
            }
            messages = Repair(prompt, text.ToString(), problem!);
        }
        return new Outcome(Errno.EIO, $"the model's answer cannot be used: {problem}", prompt.Digest, usage);
    }

    /// <inheritdoc/>
    public override Task<Outcome> WriteAsync(ContentRequest request, ContentSink sink, CancellationToken cancellationToken)
        => request.Kind.Form is FileForm.Json or FileForm.Png ? WriteWholeAsync(request, sink, cancellationToken) : StreamAsync(request, sink, cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _client.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>What can be served while it comes. An answer that is cut off is gone on with: what was served stays.</summary>
    private async Task<Outcome> StreamAsync(ContentRequest request, ContentSink sink, CancellationToken cancellationToken)
    {
        using MemoryStream written = new();
        written.Write(request.Beginning.Span);
        Prompt prompt = PromptWriter.ForContent(request, request.Beginning.Span);
        string digest = prompt.Digest;
        Usage usage = default;
        string? problem = null;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (!request.Budget.TryBegin())
            {
                return Outcome.OverBudget(digest, usage);
            }
            if (attempt > 0)
            {
                prompt = PromptWriter.ForContent(request, written.ToArray());
            }
            List<ChatMessage> messages = prompt.ToMessages();
            FenceStripper stripper = new();
            TextBytes encoder = new();
            Errno kept = Errno.None;
            long before = written.Length;
            Answer answer = await AskAsync(messages, MakeOptions(TokensFor(request.MaxBytes - written.Length)), part => AppendAsync(stripper.Add(part)), cancellationToken).ConfigureAwait(false);
            if (answer.Problem is null && kept == Errno.None)
            {
                answer = answer with { Problem = await AppendAsync(stripper.End(), isEnd: true).ConfigureAwait(false) };
            }
            usage += Settle(request.Budget, messages, written.Length - before, answer);
            if (kept != Errno.None)
            {
                return new Outcome(kept, kept == Errno.EDQUOT ? $"it is longer than {request.MaxBytes} bytes" : "it cannot be kept", digest, usage);
            }
            problem = answer.Problem ?? (written.Length == 0 ? "it is empty" : null);
            if (problem is null)
            {
                return new Outcome(Errno.None, "", digest, usage);
            }
            if (answer.IsAbandoned)
            {
                return new Outcome(answer.Errno, problem, digest, usage);
            }
            if (answer.IsRefused)
            {
                break;
            }

            async ValueTask<string?> AppendAsync(string text, bool isEnd = false)
            {
                if (!encoder.TryEncode(text, isEnd, out byte[] bytes))
                {
                    return "it is not text in Unicode";
                }
                if (bytes.Length > 0)
                {
                    written.Write(bytes);
                    kept = await sink.AppendAsync(bytes, cancellationToken).ConfigureAwait(false);
                }
                return kept != Errno.None ? "it cannot be kept" : null;
            }
        }
        return new Outcome(Errno.EIO, $"the model's answer cannot be used: {problem}", digest, usage);
    }

    /// <summary>What is looked at as a whole before any of it is served.</summary>
    private async Task<Outcome> WriteWholeAsync(ContentRequest request, ContentSink sink, CancellationToken cancellationToken)
    {
        Prompt prompt = PromptWriter.ForContent(request, []);
        List<ChatMessage> messages = prompt.ToMessages();
        Usage usage = default;
        string? problem = null;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            if (!request.Budget.TryBegin())
            {
                return Outcome.OverBudget(prompt.Digest, usage);
            }
            StringBuilder text = new();
            Answer answer = await AskAsync(messages, MakeOptions(TokensFor(request.MaxBytes)), part =>
            {
                text.Append(part);
                return new(text.Length > Math.Max(request.MaxBytes, MaxListing) ? "it does not end" : null);
            }, cancellationToken).ConfigureAwait(false);
            usage += Settle(request.Budget, messages, text.Length, answer);
            if (answer.IsRefused)
            {
                return new Outcome(answer.Errno, answer.Problem!, prompt.Digest, usage);
            }
            problem = answer.Problem;
            byte[]? bytes = problem is null ? Check(request.Kind.Form, text.ToString(), out problem) : null;
            if (bytes is not null)
            {
                ReadOnlyMemory<byte> rest = bytes.AsMemory(Math.Min(request.Beginning.Length, bytes.Length));
                Errno errno = await sink.AppendAsync(rest, cancellationToken).ConfigureAwait(false);
                return new Outcome(errno, errno == Errno.EDQUOT ? $"it is longer than {request.MaxBytes} bytes" : "", prompt.Digest, usage);
            }
            messages = Repair(prompt, text.ToString(), problem!);
        }
        return new Outcome(Errno.EIO, $"the model's answer cannot be used: {problem}", prompt.Digest, usage);
    }

    private static byte[]? Check(FileForm form, string answer, out string? problem)
    {
        if (form == FileForm.Png)
        {
            return PictureReader.Read(answer, out problem)?.Encode();
        }
        using System.Text.Json.JsonDocument? document = JsonAnswer.Parse(answer, out problem);
        if (document is null)
        {
            return null;
        }
        if (new TextBytes().TryEncode(FenceStripper.Strip(answer), isEnd: true, out byte[] bytes))
        {
            return bytes;
        }
        problem = "it is not text in Unicode";
        return null;
    }

    private async Task<Answer> AskAsync(List<ChatMessage> messages, ChatOptions options, Func<string, ValueTask<string?>> take, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_longest);
        UsageDetails? details = null;
        ChatFinishReason? finish = null;
        try
        {
            await foreach (ChatResponseUpdate update in _client.GetStreamingResponseAsync(messages, options, limit.Token).ConfigureAwait(false))
            {
                foreach (AIContent content in update.Contents)
                {
                    if (content is UsageContent used)
                    {
                        details = used.Details;
                    }
                    if (content is ErrorContent error)
                    {
                        return new Answer($"the model refused: {error.Message}", details);
                    }
                }
                finish = update.FinishReason ?? finish;
                if (update.Text is { Length: > 0 } text && await take(text).ConfigureAwait(false) is { } wrong)
                {
                    return new Answer(wrong, details);
                }
            }
        }
#pragma warning disable CA1031 // Each provider's library throws its own; what a server sends is never a reason to fail otherwise.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // What the server was asked it counts, whoever is still interested.
            return cancellationToken.IsCancellationRequested ? new Answer("nobody waits for it any more", details) { IsAbandoned = true } : Explain(exception, details);
        }
        return finish == ChatFinishReason.Length ? new Answer("it was cut off: the bound of tokens was reached", details)
            : finish == ChatFinishReason.ContentFilter ? new Answer("the model refused: its provider's filter held the answer back", details)
            : finish is null ? new Answer("it was cut off: it has no end", details)
            : new Answer(null, details);
    }

    private Answer Explain(Exception exception, UsageDetails? details)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            if (inner is HttpRequestException { StatusCode: { } status })
            {
                return new Answer(Hide(inner.Message), details) { Status = status };
            }
        }
        if (exception is OperationCanceledException)
        {
            return new Answer($"it did not end within {_longest.TotalSeconds} s", details);
        }
        // Libraries put words of their own around what happened.
        Exception? cause = null;
        bool isUnreachable = false;
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            cause ??= inner is HttpRequestException or IOException ? inner : null;
            isUnreachable |= inner is System.Net.Sockets.SocketException;
        }
        return new Answer(Hide((cause ?? exception).Message.ReplaceLineEndings(" ")), details) { Status = isUnreachable ? HttpStatusCode.ServiceUnavailable : null };
    }

    private string Hide(string text) => _key is { Length: > 0 } key ? text.Replace(key, "***", StringComparison.Ordinal) : text;

    private static List<ChatMessage> Repair(Prompt prompt, string answer, string problem)
    {
        List<ChatMessage> messages = prompt.ToMessages();
        if (answer.Length > 0)
        {
            messages.Add(new ChatMessage(ChatRole.Assistant, answer.Length > MaxAnswerTokens ? answer[..MaxAnswerTokens] : answer));
        }
        messages.Add(new ChatMessage(ChatRole.User, $"That cannot be used: {problem}. Answer again, whole, and with nothing but the JSON."));
        return messages;
    }

    private ChatOptions MakeOptions(int tokens) => new() { MaxOutputTokens = tokens, Temperature = _definition.Temperature };

    private static int TokensFor(long bytes) => (int)Math.Clamp(bytes / 2, 256, MaxAnswerTokens);

    /// <summary>Counts what a call took, by its length where the server does not say.</summary>
    private Usage Settle(Generating.Budget budget, List<ChatMessage> messages, long answered, Answer answer)
    {
        long input = answer.Details?.InputTokenCount ?? (answer.Status is null ? messages.Sum(message => message.Text.Length) / 4 : 0);
        long output = answer.Details?.OutputTokenCount ?? answered / 4;
        Usage usage = new(1, input, output, (long)((input * _definition.InputPrice) + (output * _definition.OutputPrice)));
        budget.Settle(usage);
        return usage;
    }

    /// <summary>How a call ended.</summary>
    /// <param name="Problem">Why it cannot be used; null if it can, as far as can be told without reading it.</param>
    /// <param name="Details">What it took, if the server said.</param>
    private sealed record Answer(string? Problem, UsageDetails? Details)
    {
        /// <summary>The status of a failure; null if there was an answer.</summary>
        public HttpStatusCode? Status { get; init; }

        /// <summary>Whether it was given up on this side.</summary>
        public bool IsAbandoned { get; init; }

        /// <summary>Whether asking again is of no use: the handler has done so already where it is.</summary>
        public bool IsRefused => Status is not null || IsAbandoned;

        public Errno Errno => IsAbandoned ? Errno.EINTR : Errno.EIO;
    }
}
