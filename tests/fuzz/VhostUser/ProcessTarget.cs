using System.Formats.Tar;
using System.Globalization;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Fuzz.VhostUser;

/// <summary>
/// The program itself, confined as it is in use, with two shares that are attacked and a third that is read and compared
/// all the time. A seed brings back what was done to it, not how it was interleaved.
/// </summary>
internal sealed class ProcessTarget : FuzzTarget
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly HostProcess _host;
    private readonly ProcessHoldings _before;
    private readonly ReadVerifier _verifier;
    private readonly string[] _attacked;

    public ProcessTarget()
    {
        byte[] content = new byte[4 << 20];
        new Xorshift(2).Fill(content);
        string archive = _folder.At("a.tar");
        using (TarWriter tar = new(File.Create(archive)))
        {
            foreach (string name in (string[])["data", "file", "dir/file"])
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
            }
        }
        _attacked = [_folder.At("s1"), _folder.At("s2")];
        string verified = _folder.At("s3");
        _host = HostProcess.Host(
            $$"""
            { "log-level": "error", "shares": [
              { "name": "archive", "source": "{{archive}}", "socket-path": "{{_attacked[0]}}", "queues": 3, "tag": "a" },
              { "name": "null", "source": "null:", "socket-path": "{{_attacked[1]}}", "queues": 3 },
              { "name": "verified", "source": "{{archive}}", "socket-path": "{{verified}}" } ] }
            """,
            [.. _attacked, verified]);
        Array.ForEach(_attacked, Visit);
        _before = Holdings();
        _verifier = new ReadVerifier(verified, "data", content);
    }

    public override string Name => "process";

    public override int Run(Xorshift random)
    {
        string path = random.Of<string>(_attacked);
        int cases;
        using (HostileFrontEnd hostile = new(path, random))
        {
            cases = hostile.Run();
        }
        if (random.OneIn(8))
        {
            Visit(path);
        }
        _verifier.Check();
        return _host.HasExited ? throw new FuzzException($"the process ended: {_host.Log}") : cases;
    }

    public override void Finish()
    {
        _verifier.Check();
        if (_verifier.Reads == 0)
        {
            throw new FuzzException("nothing was verified");
        }
        _verifier.Dispose();
        Array.ForEach(_attacked, Visit);
        if (!SpinWait.SpinUntil(() => Holdings().IsWithin(_before), Patience))
        {
            throw new FuzzException($"{_before} became {Holdings()}");
        }
        int status = _host.Stop();
        if (status != 0)
        {
            throw new FuzzException($"SIGTERM ended the process with {status}: {_host.Log}");
        }
    }

    public override void Dispose()
    {
        _verifier.Dispose();
        _host.Dispose();
        _folder.Dispose();
    }

    /// <summary>A well-behaved guest comes, is served, and goes.</summary>
    private static void Visit(string path)
    {
        using ConnectedGuest guest = new(path, new FrontEndOptions { QueueSize = 16 });
        (Errno errno, _) = guest.Client.GetAttributes(FileSystem.RootInode);
        if (errno != Errno.None)
        {
            throw new FuzzException($"a well-behaved guest is answered {errno}");
        }
    }

    private ProcessHoldings Holdings() => ProcessHoldings.Of(_host.Id.ToString(CultureInfo.InvariantCulture));
}
