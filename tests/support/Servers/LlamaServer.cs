using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Kaleidofs.Tests.Support.Models;

namespace Kaleidofs.Tests.Support.Servers;

/// <summary>A real inference server: llama.cpp's on a loopback port, with a model that says nothing of sense, gone with it.</summary>
public sealed class LlamaServer : IDisposable
{
    private static readonly Lazy<CommandResult> Found = new(() => Shell.Run("KALEIDOFS_CACHE=$1 exec \"$2\"", Repository.Cache, Repository.At("eng/llm-server.sh")));

    private readonly TemporaryFolder _folder = new();
    private readonly Process _process;
    private readonly List<string> _log = [];

    public LlamaServer()
    {
        if (Missing is not null)
        {
            throw new InvalidOperationException(Missing);
        }
        using (TcpListener listener = new(IPAddress.Loopback, 0))
        {
            listener.Start();
            Port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        string model = _folder.At("tiny.gguf");
        File.WriteAllBytes(model, TinyModel.Make(seed: 1));
        ProcessStartInfo start = new(Found.Value.Text.Trim(),
        [
            "--model", model, "--host", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--ctx-size", "65536", "--parallel", "4",
            "--threads", "1", "--threads-http", "32", "--temp", "1", "--top-k", "0", "--top-p", "1", "--min-p", "0", "--no-warmup",
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            WaitForAnswer();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Why there is no server, or null. Looks for it at the first question, which may take a download.</summary>
    public static string? Missing => Found.Value.Status == 0 ? null : $"cannot be had here: an inference server (eng/llm-server.sh): {Found.Value.Error.Trim().ReplaceLineEndings("; ")}";

    public int Port { get; }

    public string Endpoint => $"http://127.0.0.1:{Port}/v1";

    /// <summary>How many completions it was asked for.</summary>
    public int CompletionCount
    {
        get
        {
            lock (_log)
            {
                return _log.Count(line => line.Contains("processing task, is_child", StringComparison.Ordinal));
            }
        }
    }

    /// <summary>What it said.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _folder.Dispose();
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
        {
            _log.Add(line.Data ?? "");
        }
    }

    private void WaitForAnswer()
    {
        using HttpClient http = new();
        var deadline = Deadline.After(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = http.GetAsync(new Uri($"http://127.0.0.1:{Port}/health")).GetAwaiter().GetResult();
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
            if (deadline.HasPassed || _process.HasExited)
            {
                throw new InvalidOperationException("llama-server does not answer\n" + Log);
            }
            Thread.Sleep(50);
        }
    }
}
