namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>What is known of the entries' content: a byte for each, in chunks made when one in it is first asked for. For all threads.</summary>
/// <param name="first">The first entry.</param>
/// <param name="count">How many there are.</param>
internal sealed class EntryChecks(int first, int count)
{
    private const int ChunkLength = 4096;
    private const byte Good = 1;
    private const byte Damaged = 2;

    private readonly byte[]?[] _chunks = new byte[]?[(count / ChunkLength) + 1];

    /// <summary>Whether its checksum was compared, and right.</summary>
    public bool IsGood(int entry) => Get(entry) == Good;

    /// <summary>Whether something was wrong with it: then nothing of it is served any more.</summary>
    public bool IsDamaged(int entry) => Get(entry) == Damaged;

    public void SetGood(int entry) => Set(entry, Good);

    public void SetDamaged(int entry) => Set(entry, Damaged);

    private byte Get(int entry) => Volatile.Read(ref _chunks[(entry - first) / ChunkLength]) is byte[] chunk ? Volatile.Read(ref chunk[(entry - first) % ChunkLength]) : (byte)0;

    private void Set(int entry, byte state)
    {
        ref byte[]? slot = ref _chunks[(entry - first) / ChunkLength];
        byte[] chunk = Volatile.Read(ref slot) ?? Interlocked.CompareExchange(ref slot, new byte[ChunkLength], null) ?? slot!;
        Volatile.Write(ref chunk[(entry - first) % ChunkLength], state);
    }
}
