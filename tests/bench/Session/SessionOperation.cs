using Kaleidofs.Engine;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Bench.Session;

/// <summary>One operation of a kernel, again and again, on the caller's thread: nothing but the session and the driver.</summary>
internal sealed class SessionOperation : IDisposable
{
    private readonly QuietRequest[] _requests;

    private SessionOperation(string name, Action run, params QuietRequest[] requests)
    {
        Name = name;
        Run = run;
        _requests = requests;
    }

    /// <summary>What the budget file calls it.</summary>
    public string Name { get; }

    public Action Run { get; }

    /// <summary>One request that is answered during its dispatch.</summary>
    public static SessionOperation Of(string name, FuseSession session, QuietRequest request)
    {
        session.Dispatch(request);
        return request.Completions == 1
            ? new SessionOperation(name, () => session.Dispatch(request), request)
            : throw new InvalidOperationException($"{name}: {request.Completions} answers");
    }

    /// <summary>Several requests of which something other than the first dispatch is a part.</summary>
    public static SessionOperation Of(string name, Action run, params QuietRequest[] requests)
    {
        run();
        return Array.TrueForAll(requests, request => request.Completions == 1)
            ? new SessionOperation(name, run, requests)
            : throw new InvalidOperationException($"{name}: not every request was answered once");
    }

    public void Dispose() => Array.ForEach(_requests, request => request.Dispose());
}
