using Kaleidofs.Tests.Posix;
using Kaleidofs.Tests.Vm.Archives;
using Kaleidofs.Tests.Vm.Posix;

namespace Kaleidofs.Tests.Vm.Guests;

/// <summary>One guest with every archive, booted once: the tests of the collection take turns in it.</summary>
public sealed class SharedGuest : IDisposable
{
    public const string Collection = "shared guest";

    private readonly TemporaryFolder _folder = new();
    private readonly List<HostProcess> _hosts = [];
    private readonly GuestProgram _program = new(typeof(PosixCases).Assembly.Location);
    private readonly Lazy<Guest> _guest;
    private readonly Lazy<PosixReport> _posix;

    public SharedGuest()
    {
        _guest = new Lazy<Guest>(Boot);
        _posix = new Lazy<PosixReport>(() => new PosixReport(Machine.Run($"{_program.Command} run /mnt/posix", TimeSpan.FromMinutes(5))));
    }

    /// <summary>The guest; archives are mounted at /mnt/NAME.</summary>
    public Guest Machine => _guest.Value;

    /// <summary>The POSIX table's run, in the guest.</summary>
    public PosixReport Posix => _posix.Value;

    public void Dispose()
    {
        if (_guest.IsValueCreated)
            _guest.Value.Dispose();
        foreach (HostProcess host in _hosts)
            host.Dispose();
        _program.Dispose();
        _folder.Dispose();
    }

    private Guest Boot()
    {
        using (FileStream archive = File.Create(_folder.At("posix.tar")))
            PosixFixture.Write(archive);
        var sources = RealArchives.Names.ToDictionary(name => name, name => RealArchives.Get(name).Path);
        sources["posix"] = _folder.At("posix.tar");
        var shares = new List<GuestShare>();
        foreach ((string tag, string source) in sources)
        {
            HostProcess host = HostProcess.Serve(source, "--queues", "2");
            _hosts.Add(host);
            shares.Add(new GuestShare(tag, host.Place, Queues: 2));
        }
        return Guest.Boot(new GuestOptions { Shares = shares, Files = _program.Files, Cpus = 2, Megabytes = 768 });
    }
}
