using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Kaleidofs.Drivers.Archive.Foreign;

/// <summary>Reads an archive with libarchive and writes its entries as a tar, in a process of its own: what a hostile archive does to that library ends this process alone.</summary>
internal sealed class LibarchiveWorker : Worker
{
    private const int BufferLength = 64 << 10;
    private const long PositionStep = 1 << 20;

    private static readonly int[] Formats = [Libarchive.SevenZip, Libarchive.Rar, Libarchive.Rar5, Libarchive.Xar, Libarchive.Cab, Libarchive.Lha, Libarchive.Cpio];

    // An rpm is a cpio behind a header, compressed by one of these.
    private static readonly int[] Filters = [Libarchive.Rpm, Libarchive.Gzip, Libarchive.Bzip2, Libarchive.Lzma, Libarchive.Xz, Libarchive.Zstd];

    public override void Run(SafeFileHandle input, Stream output)
    {
        WorkerFrames frames = new(output);
        using LibarchiveInput archive = new(input);
        using LibarchiveOutput tar = new(frames);
        foreach (int filter in Filters)
        {
            _ = Libarchive.SupportFilter(archive.Handle, filter);
        }
        foreach (int format in Formats)
        {
            _ = Libarchive.SupportFormat(archive.Handle, format);
        }
        string? failure = archive.Open() == Libarchive.Ok ? Convert(archive, tar, frames) : Explain(archive.Handle);
        if (failure is not null)
        {
            frames.SendReason(WorkerFrame.Failure, failure);
        }
    }

    /// <summary>Converts all entries; tells why that ended early.</summary>
    private static string? Convert(LibarchiveInput archive, LibarchiveOutput tar, WorkerFrames frames)
    {
        byte[] buffer = new byte[BufferLength];
        long told = 0;
        while (true)
        {
            int outcome = Libarchive.ReadHeader(archive.Handle, out nint entry);
            if (outcome == Libarchive.EndOfFile)
            {
                tar.Close();
                return null;
            }
            if (outcome < Libarchive.Warn)
            {
                return Explain(archive.Handle);
            }
            if (archive.Position - told is >= PositionStep or <= -PositionStep)
            {
                told = archive.Position;
                frames.SendPosition(told);
            }
            CopyEntry(archive, tar, entry, buffer, frames);
        }
    }

    private static void CopyEntry(LibarchiveInput archive, LibarchiveOutput tar, nint entry, byte[] buffer, WorkerFrames frames)
    {
        // Holes are read as zeros: the tar gets one piece.
        Libarchive.ClearHoles(entry);
        bool hasSize = Libarchive.HasSize(entry) != 0;
        if (!hasSize)
        {
            Libarchive.SetSize(entry, 0);
        }
        if (Libarchive.WriteHeader(tar.Handle, entry) < Libarchive.Warn)
        {
            // A name that is none, a type that tar has not.
            frames.SendReason(WorkerFrame.Omission, Explain(tar.Handle));
            return;
        }
        bool hasContent = (Libarchive.GetFileType(entry) & Libarchive.TypeMask) == Libarchive.Regular && Libarchive.GetHardLink(entry) == 0;
        if (hasContent && !hasSize)
        {
            frames.SendReason(WorkerFrame.Damage, "its size is not known");
        }
        for (long rest = hasContent && hasSize ? Libarchive.GetSize(entry) : -1; rest >= 0;)
        {
            // Once more at the end: some formats compare checksums then.
            nint count = Libarchive.ReadData(archive.Handle, buffer, (nuint)Math.Clamp(rest, 1, buffer.Length));
            if (count == 0 && rest == 0)
            {
                break;
            }
            if (count <= 0 || rest == 0)
            {
                frames.SendReason(WorkerFrame.Damage, count < 0 ? Explain(archive.Handle) : "its content is not as long as its size");
                break;
            }
            if (Libarchive.WriteData(tar.Handle, buffer, (nuint)count) != count)
            {
                throw new IOException(Explain(tar.Handle));
            }
            rest -= count;
        }
        // Fills up with zeros.
        _ = Libarchive.FinishEntry(tar.Handle);
    }

    private static string Explain(nint archive) => Marshal.PtrToStringUTF8(Libarchive.GetError(archive)) is { Length: > 0 } text ? text : "it is damaged";
}
