namespace Kaleidofs.Drivers.S3.Writing;

/// <summary>
/// Where an upload's parts begin: 8 MiB each, and twice that after each thousand, so that 10,000 parts, which S3 allows, are enough for
/// 5 TiB, which it allows, though nobody knows how long a file will be when its first part is sent.
/// </summary>
internal static class PartLayout
{
    /// <summary>A file up to this length is sent by one request.</summary>
    public const long MaxSingle = First;

    private const long First = 8 << 20;
    private const int Group = 1000;

    /// <summary>Where the part with an index from 0 on begins.</summary>
    public static long GetStart(int index)
    {
        (int groups, int rest) = Math.DivRem(index, Group);
        return (Group * First * ((1L << groups) - 1)) + (rest * (First << groups));
    }
}
