using System.Security.Cryptography;
using Kaleidofs.Caching;

namespace Kaleidofs.Drivers.Archive.Decoding;

/// <summary>Decides which streams are transcoded: decoded once into the cache's tier on disk, from where each block costs the reading of one frame.</summary>
internal static class Transcoding
{
    private const int SampleLength = 64 << 10;

    /// <summary>Whether the mode wants a codec's streams transcoded.</summary>
    public static bool Applies(this TranscodeMode mode, Codec codec) => mode == TranscodeMode.On || (mode == TranscodeMode.Auto && !codec.SeeksWell);

    /// <summary>
    /// Opens a file that is one compressed stream for transcoding, before it is decoded. Null if it is not to be transcoded, or cannot be.
    /// </summary>
    public static BlockRecorder? TryBegin(TranscodeMode mode, Codec codec, ByteSource file, ContentCache cache)
    {
        if (!mode.Applies(codec) || GetIdentity(codec, file) is not { } identity)
        {
            return null;
        }
        ulong source = cache.OpenSource(identity);
        return cache.KeepOnDisk(source, identity) ? new BlockRecorder(cache, source) : null;
    }

    /// <summary>
    /// What is known of a stream before it is decoded: beside length and time its beginning and its end, where every such format has its
    /// checksums, and which file it is. Blocks that are there under it already are compared when it is decoded again; when its index saves
    /// that, they are those of the file that the index was made of, and not of another that is the same at its ends.
    /// </summary>
    private static string? GetIdentity(Codec codec, ByteSource file)
    {
        byte[] sample = new byte[Math.Min(file.Length, SampleLength)];
        using IncrementalHash digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (long position in (ReadOnlySpan<long>)[0, file.Length - sample.Length])
        {
            if (!file.TryRead(position, sample))
            {
                return null;
            }
            digest.AppendData(sample);
        }
        ulong inode = (file as ArchiveFile)?.GetIdentity().Inode ?? 0;
        return $"{codec.Name}:{inode}:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}:{Convert.ToHexStringLower(digest.GetHashAndReset())}";
    }
}
