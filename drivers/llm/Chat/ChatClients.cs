using System.ClientModel;
using System.ClientModel.Primitives;
using Anthropic;
using Kaleidofs.Drivers.Llm.Definitions;
using Microsoft.Extensions.AI;
using OpenAI;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>Makes the client of a provider.</summary>
internal static class ChatClients
{
    private const int UsualAnswerTokens = 4096;

    /// <exception cref="SourceException">Something is missing.</exception>
    public static IChatClient Open(WorldDefinition definition, LlmOptions options, string? key, HttpClient http)
    {
        string model = definition.Model ?? (options.Endpoint is not null ? "default" : throw new SourceException($"-o provider={options.Provider} needs a model; give -o model=NAME, or [model] name in world.toml") { IsUsageError = true });
        if (options.Provider == "anthropic")
        {
            AnthropicClient anthropic = new() { ApiKey = key ?? "none", HttpClient = http, MaxRetries = 0, Timeout = Timeout.InfiniteTimeSpan };
            if (options.Endpoint is { } other)
            {
                anthropic = new AnthropicClient { ApiKey = key ?? "none", HttpClient = http, MaxRetries = 0, Timeout = Timeout.InfiniteTimeSpan, BaseUrl = other };
            }
            return anthropic.AsIChatClient(model, UsualAnswerTokens);
        }
        OpenAIClientOptions settings = new()
        {
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        if (options.Endpoint is { } endpoint)
        {
            settings.Endpoint = new Uri(endpoint);
        }
        return new OpenAIClient(new ApiKeyCredential(key ?? "none"), settings).GetChatClient(model).AsIChatClient();
    }

    /// <summary>A provider's key, from a file or the environment; null if there is none and it is not needed.</summary>
    /// <exception cref="SourceException">There is none, or it cannot be read.</exception>
    public static string? ReadKey(LlmOptions options)
    {
        string variable = options.Provider == "anthropic" ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY";
        if (options.KeyFile is { } file)
        {
            try
            {
                return File.ReadAllText(file).Trim() is { Length: > 0 } key ? key : throw new SourceException($"key-file={file}: it is empty");
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new SourceException($"key-file={file}: {exception.Message}", exception);
            }
        }
        return Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value
            : options.Endpoint is not null ? null
            : throw new SourceException($"-o provider={options.Provider} needs a key; set {variable}, or give -o key-file=FILE") { IsUsageError = true };
    }
}
