using Microsoft.Win32.SafeHandles;

namespace Kaleidofs;

/// <summary>
/// Work of a driver that runs in a process of its own, so that what ends that process ends nothing else: a foreign library that
/// reads a hostile file. Made by its parameterless constructor, in that process; see <see cref="WorkerStarter"/>.
/// </summary>
/// <remarks>
/// The process is confined as the one that starts it is, or, if that is not, by itself: then it has no network and no file but the one that
/// it is given. It has limited memory and processor time. A driver that has workers declares <see cref="DriverAttribute.Workers"/>.
/// </remarks>
public abstract class Worker
{
    /// <summary>Does the work; the process ends when it returns, with an exit code that is not 0 if it throws.</summary>
    /// <param name="input">The file that it was started with, to be read by position: it may be read by others at the same time.</param>
    /// <param name="output">What <see cref="WorkerProcess.Output"/> reads.</param>
    public abstract void Run(SafeFileHandle input, Stream output);
}
