using System.Security.Cryptography;
using System.Text;
using Kaleidofs.Drivers.Archive.Composing;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;
using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Single;

/// <summary>Opens a compressed file that holds no archive: the file inside, alone in a directory.</summary>
internal static class SingleFile
{
    private const uint FileMode = FileType.Regular | 0x1A4;

    /// <summary>Both ends of the file are in its identity: codecs have their checksums at the end.</summary>
    private const int DigestedLength = 64 << 10;

    private static readonly string[] TarEndings = [".tgz", ".tzst", ".txz", ".tbz2", ".tbz", ".tlz", ".taz"];

    /// <summary>Decodes it once, for its size, its seek points and its checksums, unless the index has them.</summary>
    /// <exception cref="SourceException">It is damaged or cut off: how long it would be cannot be known.</exception>
    public static SingleVolume Open(ByteSource file, Codec codec, Func<EntryBuilder> begin, OpeningContext context)
    {
        ByteRange range = ByteRange.Of(file);
        BlockRecorder? recorder = Transcoding.TryBegin(context.Options.Transcode, codec, file, context.Cache);
        SingleListing listing = context.Index.Open(
            SingleListing.GetKind(codec), context.Log, saved => SingleListing.Load(saved, codec, range, SeekPoints.UsualBudget),
            notes => Read(file, codec, begin(), recorder, context with { Log = notes }));
        ulong source = recorder?.Source ?? context.Cache.OpenSource(listing.Identity);
        DecodedTarContent content = new(codec, range, listing.Length, listing.Points, context.Cache, source, context.Log);
        return new SingleVolume(listing, content);
    }

    /// <summary>The name without the codec's ending, as its tool would name what it decodes.</summary>
    internal static string GetName(string path, Codec codec)
    {
        string name = Path.GetFileName(path);
        foreach (string ending in codec.Endings)
        {
            if (name.Length > ending.Length && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return name[..^ending.Length] + (TarEndings.Contains(ending) ? ".tar" : "");
            }
        }
        return name;
    }

    private static SingleListing Read(ByteSource file, Codec codec, EntryBuilder entries, BlockRecorder? recorder, OpeningContext context)
    {
        ByteRange range = ByteRange.Of(file);
        SeekPoints points = codec.OpenPoints(range, SeekPoints.UsualBudget);
        long length = Measure(range, codec, points, recorder, context.Progress);
        byte[] head = new byte[Math.Min(DigestedLength, file.Length)];
        byte[] tail = new byte[head.Length];
        if (!file.TryRead(0, head) || !file.TryRead(file.Length - tail.Length, tail))
        {
            throw new SourceException($"{file.Path}: cannot be read");
        }
        GzipOrigin origin = GzipOrigin.Read(head);
        TreeNode node = new() { Mode = FileMode, Size = length, ModificationTime = origin.ModificationTime ?? file.ModificationTime };
        byte[] name = origin.Name.Length > 0 ? origin.Name : Encoding.UTF8.GetBytes(GetName(file.Path, codec));
        entries.TryAdd(name, node, out _);
        entries.Complete(file.Path, context.Log);
        string digest = Convert.ToHexStringLower(SHA256.HashData([.. head, .. tail]));
        string identity = entries.GetIdentity($"{codec.Name}:{file.Length}:{file.ModificationTime.Seconds}.{file.ModificationTime.Nanoseconds:D9}:{digest}");
        return new SingleListing(entries.Tree.Tree, identity, entries.First, length, points);
    }

    private static long Measure(ByteRange range, Codec codec, SeekPoints points, BlockRecorder? recorder, OpeningProgress progress)
    {
        using StreamCursor cursor = codec.Open(range, points);
        byte[] scratch = new byte[DecodedStream.BlockLength];
        int count;
        do
        {
            progress.At(cursor.InputPosition - range.Start, range.End - range.Start);
            if (!cursor.TryRead(scratch, out count))
            {
                throw new SourceException($"{range.File.Path}: {Explain(cursor.Failure, codec)}");
            }
            recorder?.Append(scratch.AsSpan(0, count));
        }
        while (count == scratch.Length);
        recorder?.Complete();
        return cursor.Position;
    }

    private static string Explain(StreamFailure failure, Codec codec) => failure switch
    {
        StreamFailure.CutOff => $"the {codec.Name} data is cut off, so what it held is not known; copy it again",
        StreamFailure.WrongChecksum => $"the {codec.Name} data's checksum is wrong; copy it again",
        StreamFailure.Unreadable => "cannot be read",
        StreamFailure.TooLarge => $"the {codec.Name} data would take too much memory to decode",
        _ => $"the {codec.Name} data is damaged; copy it again",
    };
}
