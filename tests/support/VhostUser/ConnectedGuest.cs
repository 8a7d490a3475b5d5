namespace Kaleidofs.Tests.Support.VhostUser;

/// <summary>A front end with one request queue or more running, that has said INIT.</summary>
internal sealed class ConnectedGuest : IDisposable
{
    public ConnectedGuest(string path, FrontEndOptions? options = null, int queues = 1, int slots = 4, int maxPayload = 64 << 10, int regions = 1)
    {
        Options = options ?? new FrontEndOptions();
        Ram = new GuestRam(16 << 20, regions);
        FrontEnd = FrontEnd.Connect(path);
        Features = FrontEnd.Start(Ram, Options);
        for (int i = 0; i < queues; i++)
        {
            DriverRing ring = DriverRing.Create(Ram, Options, i + 1, slots, maxPayload);
            Rings.Add(ring);
            FrontEnd.StartQueue(ring);
        }
        Client = new FuseClient(Rings[0]);
        Client.Initialize();
    }

    public FrontEndOptions Options { get; }

    public FrontEndFeatures Features { get; }

    public GuestRam Ram { get; }

    public FrontEnd FrontEnd { get; }

    public List<DriverRing> Rings { get; } = [];

    public DriverRing Ring => Rings[0];

    public FuseClient Client { get; }

    public void Dispose()
    {
        FrontEnd.Dispose();
        foreach (DriverRing ring in Rings)
        {
            ring.Dispose();
        }
        Ram.Dispose();
    }
}
