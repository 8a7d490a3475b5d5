using Kaleidofs.Tests.Vm.Archives;

namespace Kaleidofs.Tests.Vm.Mounts;

/// <summary>Keeps each archive mounted for as long as tests of the class run.</summary>
public sealed class Mounted : IDisposable
{
    private readonly Dictionary<string, HostProcess> _mounts = [];

    public string At(string name)
    {
        if (!_mounts.TryGetValue(name, out HostProcess? mount))
            _mounts[name] = mount = HostProcess.Mount(RealArchives.Get(name).Path);
        return mount.Place;
    }

    public void Dispose()
    {
        foreach (HostProcess mount in _mounts.Values)
        {
            int code = mount.Stop();
            mount.Dispose();
            Assert.Equal(0, code);
        }
    }
}
