using System.Net;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>
/// Sends requests to a provider: again, with back-off, after 429, 5xx or no connection, and never for a server that is silent or sends
/// without end. What fails in the end is an <see cref="HttpRequestException"/> with the status and what the server said.
/// </summary>
internal sealed class PatientHandler : DelegatingHandler
{
    private const int MaxError = 400;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly TimeSpan _timeout;
    private readonly int _retries;

    /// <param name="timeout">How long a server may be silent.</param>
    /// <param name="retries">How often a request is sent again.</param>
    public PatientHandler(TimeSpan timeout, int retries)
        : base(new SocketsHttpHandler { ConnectTimeout = timeout, PooledConnectionLifetime = TimeSpan.FromMinutes(10), AllowAutoRedirect = false })
    {
        _timeout = timeout;
        _retries = retries;
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is not null)
        {
            await request.Content.LoadIntoBufferAsync(cancellationToken).ConfigureAwait(false);
        }
        for (int attempt = 0; ; attempt++)
        {
            TimeSpan wait = Back(attempt);
            try
            {
                HttpResponseMessage response = await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
                if (response.IsSuccessStatusCode)
                {
                    return await BoundAsync(response, cancellationToken).ConfigureAwait(false);
                }
                bool isPassing = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)response.StatusCode >= 500;
                if (!isPassing || attempt == _retries)
                {
                    throw await DescribeAsync(response, cancellationToken).ConfigureAwait(false);
                }
                wait = response.Headers.RetryAfter is { } after
                    ? TimeSpan.FromSeconds(Math.Clamp((after.Delta ?? after.Date - DateTimeOffset.UtcNow ?? wait).TotalSeconds, 0, LongestWait.TotalSeconds))
                    : wait;
                response.Dispose();
            }
            catch (HttpRequestException exception) when (exception.StatusCode is null && attempt < _retries)
            {
                // No connection, or one that broke.
            }
            await Task.Delay(wait, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_timeout);
        try
        {
            return await base.SendAsync(request, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"the server did not answer within {_timeout.TotalSeconds} s", exception);
        }
    }

    private static TimeSpan Back(int attempt)
    {
        double factor = Math.Pow(2, Math.Min(attempt, 10));
#pragma warning disable CA5394 // Only so that many do not come back at once.
        return TimeSpan.FromSeconds(Math.Min(FirstWait.TotalSeconds * factor * (0.75 + (Random.Shared.NextDouble() / 2)), LongestWait.TotalSeconds));
#pragma warning restore CA5394
    }

    private async Task<HttpResponseMessage> BoundAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        StreamContent content = new(new BoundedStream(stream, _timeout));
        foreach (KeyValuePair<string, IEnumerable<string>> header in response.Content.Headers)
        {
            content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
        response.Content = content;
        return response;
    }

    private async Task<HttpRequestException> DescribeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using (response)
        {
            string said = "";
            try
            {
                using BoundedStream stream = new(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), _timeout);
                byte[] head = new byte[MaxError];
                said = System.Text.Encoding.UTF8.GetString(head, 0, await stream.ReadAtLeastAsync(head, MaxError, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false));
            }
            catch (IOException)
            {
                // The status says enough.
            }
            said = string.Concat(said.Select(character => char.IsControl(character) ? ' ' : character)).Trim();
            return new HttpRequestException($"the server answered {(int)response.StatusCode}{(said.Length > 0 ? ": " + said : "")}", null, response.StatusCode);
        }
    }
}
