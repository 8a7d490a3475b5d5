using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Tests.Hostile;

/// <summary>Sends its input back.</summary>
internal sealed class EchoWorker : Worker
{
    public override void Run(SafeFileHandle input, Stream output)
    {
        byte[] content = new byte[RandomAccess.GetLength(input)];
        RandomAccess.Read(input, content, 0);
        output.Write(content);
    }
}

/// <summary>Does what a library does that was led astray.</summary>
internal sealed class CrashingWorker : Worker
{
    public override void Run(SafeFileHandle input, Stream output)
    {
        output.Write("half"u8);
        Marshal.WriteByte(64, 1);
    }
}

/// <summary>Never ends.</summary>
internal sealed class SpinningWorker : Worker
{
    public override void Run(SafeFileHandle input, Stream output)
    {
        while (output.CanWrite)
        {
            // On and on.
        }
    }
}

/// <summary>Takes more memory than there is for it.</summary>
internal sealed unsafe class GreedyWorker : Worker
{
    public override void Run(SafeFileHandle input, Stream output)
    {
        const nuint Piece = 64 << 20;
        for (int i = 0; i < 64; i++)
        {
            NativeMemory.Clear(NativeMemory.Alloc(Piece), Piece);
        }
        output.Write("all"u8);
    }
}

/// <summary>Looks around: a line for each thing that it could not do.</summary>
internal sealed class RoamingWorker : Worker
{
    public override void Run(SafeFileHandle input, Stream output)
    {
        (string Name, Action Deed)[] deeds =
        [
            ("shadow", () => File.ReadAllText("/etc/shadow")),
            ("passwd", () => File.ReadAllText("/etc/passwd")),
            ("write", () => File.WriteAllText("/tmp/kaleidofs-roaming-worker", "1")),
            ("shell", () => Process.Start("/bin/sh", ["-c", "true"]).WaitForExit()),
            ("connect", () =>
            {
                using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Loopback, 1);
            }),
        ];
        foreach ((string name, Action deed) in deeds)
        {
            output.Write(Encoding.UTF8.GetBytes($"{name}: {Deeds.Attempt(deed)};"));
        }
    }
}
