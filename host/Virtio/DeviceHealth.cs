namespace Kaleidofs.Host.Virtio;

/// <summary>Whether a device's guest kept to the rules. A broken device serves nothing until it is reset, and says so once.</summary>
internal sealed class DeviceHealth
{
    private readonly DriverLog _log;
    private readonly string _name;
    private int _broken;

    public DeviceHealth(string name, DriverLog log)
    {
        _name = name;
        _log = log;
    }

    public bool IsBroken => Volatile.Read(ref _broken) != 0;

    public void Break(string fault)
    {
        if (Interlocked.Exchange(ref _broken, 1) == 0)
        {
            _log.Error($"{_name}: the guest broke its device: {fault}; nothing is served to it until the device is reset");
        }
    }

    public void Reset() => Volatile.Write(ref _broken, 0);
}
