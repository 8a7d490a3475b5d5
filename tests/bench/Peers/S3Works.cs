using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>What programs do on a mount, from threads that wait as programs' do.</summary>
internal static class S3Works
{
    public const int ReadLength = 64 << 10;
    public const int FileLength = 4 << 10;

    /// <summary>Reads a second at random offsets.</summary>
    public static double ReadRandom(string path, int jobs, int seconds)
    {
        long size = new FileInfo(path).Length;
        return Rate(jobs, seconds, random =>
        {
            byte[] buffer = new byte[ReadLength];
            SafeFileHandle file = File.OpenHandle(path, options: FileOptions.RandomAccess);
            return () => RandomAccess.Read(file, buffer, random.NextInt64(size / ReadLength) * ReadLength);
        });
    }

    /// <summary>Files a second that are at the server.</summary>
    public static double Create(string folder, int jobs, int seconds)
    {
        Directory.CreateDirectory(folder);
        return Rate(jobs, seconds, random =>
        {
            byte[] content = new byte[FileLength];
            return () =>
            {
                using FileStream file = new(Path.Combine(folder, random.NextInt64().ToString("x", System.Globalization.CultureInfo.InvariantCulture)), FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
                file.Write(content);
                file.Flush(flushToDisk: true);
            };
        });
    }

    private static double Rate(int jobs, int seconds, Func<Random, Action> prepare)
    {
        int done = 0;
        Exception? failure = null;
        long start = Stopwatch.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, jobs).Select(job => new Thread(() =>
        {
            try
            {
                Action work = prepare(new Random(job));
                while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
                {
                    work();
                    Interlocked.Increment(ref done);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                failure = exception;
            }
        }))];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
        return failure is null ? done / Stopwatch.GetElapsedTime(start).TotalSeconds : throw new IOException(failure.Message, failure);
    }
}
