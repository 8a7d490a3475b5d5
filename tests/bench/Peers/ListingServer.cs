using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>
/// Answers ListObjectsV2 for a bucket of many keys that it makes up, at its root, as no real server here could be filled with so many. It is
/// there to make load, and shows nothing of how a server behaves; everything else is 404.
/// </summary>
internal sealed class ListingServer : IDisposable
{
    private const int MaxPage = 1000;

    private readonly HttpListener _listener = new();
    private readonly int _keys;
    private int _lists;

    public ListingServer(int keys)
    {
        _keys = keys;
        using (TcpListener free = new(IPAddress.Loopback, 0))
        {
            free.Start();
            Endpoint = $"http://{free.LocalEndpoint}";
        }
        _listener.Prefixes.Add(Endpoint + "/");
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Endpoint { get; }

    /// <summary>How many pages were asked for.</summary>
    public int Lists => Volatile.Read(ref _lists);

    public void Dispose() => _listener.Close();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                HttpListenerContext context = await _listener.GetContextAsync().ConfigureAwait(false);
                _ = Task.Run(() => Answer(context));
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
        }
    }

    private void Answer(HttpListenerContext context)
    {
        try
        {
            HttpListenerResponse response = context.Response;
            if (context.Request.HttpMethod == "GET" && context.Request.QueryString["list-type"] == "2")
            {
                Interlocked.Increment(ref _lists);
                byte[] page = Encoding.UTF8.GetBytes(GetPage(context.Request));
                response.ContentType = "application/xml";
                response.ContentLength64 = page.Length;
                response.OutputStream.Write(page);
            }
            else
            {
                response.StatusCode = 404;
            }
            response.Close();
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or IOException)
        {
        }
    }

    private string GetPage(HttpListenerRequest request)
    {
        string prefix = request.QueryString["prefix"] ?? "";
        string after = request.QueryString["continuation-token"] ?? request.QueryString["start-after"] ?? "";
        int most = int.TryParse(request.QueryString["max-keys"], NumberStyles.None, CultureInfo.InvariantCulture, out int asked) ? Math.Min(asked, MaxPage) : MaxPage;
        StringBuilder text = new(1 << 18);
        text.Append("<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
        string last = "";
        int count = 0;
        int next = FindFirst(key => string.CompareOrdinal(key, after) > 0 && string.CompareOrdinal(key, prefix) >= 0);
        for (; next < _keys && count < most && GetKey(next).StartsWith(prefix, StringComparison.Ordinal); next++, count++)
        {
            last = GetKey(next);
            text.Append(CultureInfo.InvariantCulture, $"<Contents><Key>{last}</Key><LastModified>2026-01-31T12:00:00.000Z</LastModified>");
            text.Append(CultureInfo.InvariantCulture, $"<ETag>&quot;{(uint)(next + 1) * 0x9E3779B97F4A7C15ul:x16}{(uint)next * 0xBF58476D1CE4E5B9ul:x16}&quot;</ETag><Size>{next}</Size><StorageClass>STANDARD</StorageClass></Contents>");
        }
        bool isCut = next < _keys && GetKey(next).StartsWith(prefix, StringComparison.Ordinal);
        text.Append(CultureInfo.InvariantCulture, $"<IsTruncated>{(isCut ? "true" : "false")}</IsTruncated><KeyCount>{count}</KeyCount><MaxKeys>{most}</MaxKeys>");
        if (isCut)
        {
            text.Append("<NextContinuationToken>").Append(last).Append("</NextContinuationToken>");
        }
        return text.Append("</ListBucketResult>").ToString();
    }

    /// <summary>The first key that is far enough, as keys are in order.</summary>
    private int FindFirst(Predicate<string> isReached)
    {
        int low = 0;
        int high = _keys;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            (low, high) = isReached(GetKey(middle)) ? (low, middle) : (middle + 1, high);
        }
        return low;
    }

    private static string GetKey(int number) => string.Create(CultureInfo.InvariantCulture, $"{number:D8}.jpg");
}
