using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Tests.Bench.Peers;

/// <summary>What programs do on a mount, from threads that wait as programs' do.</summary>
internal static class MountedWorks
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
            return () => RandomAccess.Read(file, buffer, random.NextInt64(size / ReadLength) * ReadLength) > 0;
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
                return true;
            };
        });
    }

    /// <summary>Files a second that are looked at for the first time, or whose beginning is read then; each once, until all were.</summary>
    public static double Visit(string folder, int files, int jobs, int seconds, bool isRead)
    {
        int next = -1;
        int done = 0;
        long start = Stopwatch.GetTimestamp();
        Rate(jobs, seconds, random =>
        {
            byte[] buffer = new byte[FileLength];
            return () =>
            {
                int file = Interlocked.Increment(ref next);
                if (file >= files)
                {
                    return false;
                }
                string path = Path.Combine(folder, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"f{file:00000}"));
                if (isRead)
                {
                    using SafeFileHandle handle = File.OpenHandle(path);
                    RandomAccess.Read(handle, buffer, 0);
                }
                else if (new FileInfo(path).Length != FileLength)
                {
                    throw new IOException($"{path} has another length");
                }
                Interlocked.Increment(ref done);
                return true;
            };
        });
        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Rate(int jobs, int seconds, Func<Random, Func<bool>> prepare)
    {
        int done = 0;
        Exception? failure = null;
        long start = Stopwatch.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, jobs).Select(job => new Thread(() =>
        {
            try
            {
                Func<bool> work = prepare(new Random(job));
                while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds && work())
                {
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
