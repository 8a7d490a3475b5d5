namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>Reads what a header says of streams: where the packed ones stand, what decodes them, and how they are divided into files.</summary>
/// <param name="archiveLength">Where the bytes that may be packed streams end.</param>
internal sealed class StreamsReader(long archiveLength)
{
    /// <summary>As 7-Zip: coders of a folder, and streams that they take together.</summary>
    private const int MaxCoders = 32;

    private long[] _packedSizes = [];
    private long _packedStart;

    public PackedFolder[] Folders { get; private set; } = [];

    /// <summary>The files' contents, folder after folder.</summary>
    public ContentRange[] Contents { get; private set; } = [];

    /// <exception cref="SourceException">It is damaged.</exception>
    public void Read(ref HeaderCursor cursor)
    {
        bool isDivided = false;
        for (SevenZipMark mark = cursor.ReadMark(); mark != SevenZipMark.End; mark = cursor.ReadMark())
        {
            switch (mark)
            {
                case SevenZipMark.PackInfo:
                    ReadPacked(ref cursor);
                    break;
                case SevenZipMark.UnpackInfo:
                    ReadFolders(ref cursor);
                    break;
                case SevenZipMark.SubStreams:
                    ReadContents(ref cursor);
                    isDivided = true;
                    break;
                default:
                    throw HeaderCursor.Damaged("something unknown stands among its streams");
            }
        }
        if (!isDivided)
        {
            Contents = [.. Folders.Select((folder, i) => new ContentRange(i, 0, folder.Length, folder.Crc))];
        }
    }

    private void ReadPacked(ref HeaderCursor cursor)
    {
        _packedStart = cursor.ReadLength();
        int count = cursor.ReadCount(Math.Min(cursor.Left, SevenZipHeader.MaxCount));
        for (SevenZipMark mark = cursor.ReadMark(); mark != SevenZipMark.End; mark = cursor.ReadMark())
        {
            switch (mark)
            {
                case SevenZipMark.Size:
                    _packedSizes = new long[count];
                    for (int i = 0; i < count; i++)
                    {
                        _packedSizes[i] = cursor.ReadLength();
                    }
                    break;
                case SevenZipMark.Digests:
                    cursor.ReadDigests(count);
                    break;
                default:
                    throw HeaderCursor.Damaged("something unknown stands among its packed streams");
            }
        }
    }

    private void ReadFolders(ref HeaderCursor cursor)
    {
        cursor.Expect(SevenZipMark.Folders);
        int count = cursor.ReadCount(Math.Min(cursor.Left, SevenZipHeader.MaxFolders));
        cursor.ReadInPlace();
        Folders = new PackedFolder[count];
        for (int i = 0; i < count; i++)
        {
            Folders[i] = ReadFolder(ref cursor);
        }
        cursor.Expect(SevenZipMark.UnpackSizes);
        foreach (FolderCoder coder in Folders.SelectMany(folder => folder.Listed))
        {
            for (int output = 0; output < coder.Outputs; output++)
            {
                coder.Length = cursor.ReadLength();
            }
        }
        Place();
        for (SevenZipMark mark = cursor.ReadMark(); mark != SevenZipMark.End; mark = cursor.ReadMark())
        {
            if (mark != SevenZipMark.Digests)
            {
                throw HeaderCursor.Damaged("something unknown stands among its folders");
            }
            uint?[] digests = cursor.ReadDigests(count);
            for (int i = 0; i < count; i++)
            {
                Folders[i].Crc = digests[i];
            }
        }
    }

    private static PackedFolder ReadFolder(ref HeaderCursor cursor)
    {
        int count = cursor.ReadCount(MaxCoders);
        FolderCoder[] coders = new FolderCoder[count];
        for (int i = 0; i < count; i++)
        {
            coders[i] = ReadCoder(ref cursor);
        }
        int inputs = coders.Sum(coder => coder.Inputs);
        int outputs = coders.Sum(coder => coder.Outputs);
        if (count == 0 || outputs == 0 || inputs > MaxCoders || outputs > MaxCoders || inputs < outputs)
        {
            throw HeaderCursor.Damaged("a folder's coders do not fit together");
        }
        // The input that an output goes to; the content's goes nowhere.
        Dictionary<int, int> sources = [];
        for (int i = 0; i < outputs - 1; i++)
        {
            int input = cursor.ReadCount(inputs - 1);
            sources[input] = cursor.ReadCount(outputs - 1);
        }
        int packed = inputs - (outputs - 1);
        for (int i = 0; packed > 1 && i < packed; i++)
        {
            cursor.ReadCount(inputs - 1);
        }
        if (coders.Any(coder => coder.Outputs != 1))
        {
            throw HeaderCursor.Damaged("a coder is of a form that is not known");
        }
        // The one that no other takes the output of. With one input each, an input has the number of its coder, too.
        int content = Enumerable.Range(0, count).Except(sources.Values).FirstOrDefault(0);
        bool isChain = coders.All(coder => coder.Inputs == 1);
        return new PackedFolder(coders, isChain ? Follow(sources, content, count) : [content], isChain, packed);
    }

    private static FolderCoder ReadCoder(ref HeaderCursor cursor)
    {
        const int IdLength = 0x0F;
        const int IsComplex = 0x10;
        const int HasProperties = 0x20;
        const int Reserved = 0xC0;
        byte flags = cursor.ReadByte();
        if ((flags & Reserved) != 0 || (flags & IdLength) > sizeof(ulong))
        {
            throw HeaderCursor.Damaged("a coder is of a form that is not known");
        }
        ulong method = 0;
        foreach (byte value in cursor.ReadBytes(flags & IdLength))
        {
            method = (method << 8) | value;
        }
        bool isComplex = (flags & IsComplex) != 0;
        int inputs = isComplex ? cursor.ReadCount(MaxCoders) : 1;
        int outputs = isComplex ? cursor.ReadCount(MaxCoders) : 1;
        byte[] properties = (flags & HasProperties) != 0 ? cursor.ReadBytes(cursor.ReadLength()).ToArray() : [];
        return new FolderCoder(method, properties, inputs, outputs);
    }

    /// <summary>The coders from the one that makes the content to the one that takes the packed bytes.</summary>
    private static int[] Follow(Dictionary<int, int> sources, int content, int count)
    {
        List<int> order = [content];
        while (sources.TryGetValue(order[^1], out int next) && order.Count <= count)
        {
            order.Add(next);
        }
        return order.Count == count && order.Distinct().Count() == count ? [.. order] : throw HeaderCursor.Damaged("a folder's coders do not fit together");
    }

    /// <summary>Gives each folder its packed streams, which stand one behind the other.</summary>
    private void Place()
    {
        long start = _packedStart;
        int stream = 0;
        foreach (PackedFolder folder in Folders)
        {
            folder.Start = start;
            for (int i = 0; i < folder.PackedCount; i++)
            {
                long length = stream < _packedSizes.Length ? _packedSizes[stream++] : throw HeaderCursor.Damaged("a packed stream is missing");
                if (start > archiveLength - length)
                {
                    throw HeaderCursor.Damaged("packed bytes lie outside the archive, which may be cut off");
                }
                start += length;
                folder.PackedLength += length;
            }
        }
    }

    private void ReadContents(ref HeaderCursor cursor)
    {
        int[] counts = new int[Folders.Length];
        Array.Fill(counts, 1);
        SevenZipMark mark = cursor.ReadMark();
        if (mark == SevenZipMark.StreamCounts)
        {
            long left = SevenZipHeader.MaxCount;
            for (int i = 0; i < counts.Length; i++)
            {
                counts[i] = cursor.ReadCount(left);
                left -= counts[i];
            }
            mark = cursor.ReadMark();
        }
        ContentRange[] contents = Divide(ref cursor, counts, hasSizes: mark == SevenZipMark.Size);
        if (mark == SevenZipMark.Size)
        {
            mark = cursor.ReadMark();
        }
        if (mark == SevenZipMark.Digests)
        {
            // Only of those whose checksum is not the folder's.
            int unknown = contents.Count(content => content.Crc is null);
            uint?[] digests = cursor.ReadDigests(unknown);
            int next = 0;
            for (int i = 0; i < contents.Length; i++)
            {
                contents[i] = contents[i].Crc is null ? contents[i] with { Crc = digests[next++] } : contents[i];
            }
            mark = cursor.ReadMark();
        }
        Contents = mark == SevenZipMark.End ? contents : throw HeaderCursor.Damaged("something unknown stands among its files' sizes");
    }

    /// <summary>Of each folder all sizes but the last are told.</summary>
    private ContentRange[] Divide(ref HeaderCursor cursor, int[] counts, bool hasSizes)
    {
        List<ContentRange> contents = [];
        for (int i = 0; i < Folders.Length; i++)
        {
            long start = 0;
            for (int file = 0; file < counts[i]; file++)
            {
                bool isLast = file == counts[i] - 1;
                long length = isLast ? Folders[i].Length - start
                    : hasSizes ? cursor.ReadLength()
                    : throw HeaderCursor.Damaged("its files' sizes are missing");
                if (length < 0 || length > Folders[i].Length - start)
                {
                    throw HeaderCursor.Damaged("a folder's files are longer than the folder");
                }
                contents.Add(new ContentRange(i, start, length, counts[i] == 1 ? Folders[i].Crc : null));
                start += length;
            }
        }
        return [.. contents];
    }
}
