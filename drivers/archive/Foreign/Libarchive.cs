using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Foreign;

/// <summary>The part of libarchive (archive.h, archive_entry.h) that turns an archive into a tar. Only a worker may call it.</summary>
internal static partial class Libarchive
{
    public const int EndOfFile = 1;
    public const int Ok = 0;
    public const int Warn = -20;
    public const int Failed = -25;
    public const int Fatal = -30;

    /// <summary>AE_IFREG, and the bits of the type.</summary>
    public const uint Regular = 0x8000;
    public const uint TypeMask = 0xf000;

    // ARCHIVE_FORMAT_*.
    public const int Cpio = 0x10000;
    public const int Xar = 0xa0000;
    public const int Lha = 0xb0000;
    public const int Cab = 0xc0000;
    public const int Rar = 0xd0000;
    public const int SevenZip = 0xe0000;
    public const int Rar5 = 0x100000;

    // ARCHIVE_FILTER_*.
    public const int Gzip = 1;
    public const int Bzip2 = 2;
    public const int Lzma = 5;
    public const int Xz = 6;
    public const int Rpm = 8;
    public const int Zstd = 14;

    public const int SeekSet = 0;
    public const int SeekCurrent = 1;

    private const string Library = "libarchive.so.13";

    /// <summary>archive_read_callback: the length of what the pointer that it sets points to; 0 at the end, negative if that cannot be read.</summary>
    public delegate nint ReadCallback(nint archive, nint data, out nint buffer);

    /// <summary>archive_seek_callback: the new position.</summary>
    public delegate long SeekCallback(nint archive, nint data, long offset, int origin);

    /// <summary>archive_skip_callback: how much was skipped.</summary>
    public delegate long SkipCallback(nint archive, nint data, long count);

    /// <summary>archive_write_callback: how much was written; negative if it cannot be.</summary>
    public delegate nint WriteCallback(nint archive, nint data, nint buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "archive_read_new")]
    public static partial nint CreateReader();

    [LibraryImport(Library, EntryPoint = "archive_read_support_format_by_code")]
    public static partial int SupportFormat(nint reader, int code);

    [LibraryImport(Library, EntryPoint = "archive_read_support_filter_by_code")]
    public static partial int SupportFilter(nint reader, int code);

    [LibraryImport(Library, EntryPoint = "archive_read_set_read_callback")]
    public static partial int SetRead(nint reader, ReadCallback read);

    [LibraryImport(Library, EntryPoint = "archive_read_set_seek_callback")]
    public static partial int SetSeek(nint reader, SeekCallback seek);

    [LibraryImport(Library, EntryPoint = "archive_read_set_skip_callback")]
    public static partial int SetSkip(nint reader, SkipCallback skip);

    /// <summary>Needed, also for callbacks that look at none.</summary>
    [LibraryImport(Library, EntryPoint = "archive_read_set_callback_data")]
    public static partial int SetData(nint reader, nint data);

    [LibraryImport(Library, EntryPoint = "archive_read_open1")]
    public static partial int OpenReader(nint reader);

    [LibraryImport(Library, EntryPoint = "archive_read_next_header")]
    public static partial int ReadHeader(nint reader, out nint entry);

    [LibraryImport(Library, EntryPoint = "archive_read_data")]
    public static partial nint ReadData(nint reader, [Out] byte[] buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "archive_read_free")]
    public static partial int FreeReader(nint reader);

    [LibraryImport(Library, EntryPoint = "archive_error_string")]
    public static partial nint GetError(nint archive);

    [LibraryImport(Library, EntryPoint = "archive_entry_filetype")]
    public static partial uint GetFileType(nint entry);

    [LibraryImport(Library, EntryPoint = "archive_entry_pathname")]
    public static partial nint GetPath(nint entry);

    [LibraryImport(Library, EntryPoint = "archive_entry_pathname_utf8")]
    public static partial nint GetUnicodePath(nint entry);

    [LibraryImport(Library, EntryPoint = "archive_entry_hardlink")]
    public static partial nint GetHardLink(nint entry);

    [LibraryImport(Library, EntryPoint = "archive_entry_size_is_set")]
    public static partial int HasSize(nint entry);

    [LibraryImport(Library, EntryPoint = "archive_entry_size")]
    public static partial long GetSize(nint entry);

    [LibraryImport(Library, EntryPoint = "archive_entry_set_size")]
    public static partial void SetSize(nint entry, long size);

    [LibraryImport(Library, EntryPoint = "archive_entry_sparse_clear")]
    public static partial void ClearHoles(nint entry);

    [LibraryImport(Library, EntryPoint = "archive_write_new")]
    public static partial nint CreateWriter();

    [LibraryImport(Library, EntryPoint = "archive_write_set_format_pax")]
    public static partial int WritePax(nint writer);

    [LibraryImport(Library, EntryPoint = "archive_write_set_bytes_per_block")]
    public static partial int SetBlockLength(nint writer, int length);

    [LibraryImport(Library, EntryPoint = "archive_write_open")]
    public static partial int OpenWriter(nint writer, nint data, nint open, WriteCallback write, nint close);

    [LibraryImport(Library, EntryPoint = "archive_write_header")]
    public static partial int WriteHeader(nint writer, nint entry);

    [LibraryImport(Library, EntryPoint = "archive_write_data")]
    public static partial nint WriteData(nint writer, byte[] buffer, nuint length);

    [LibraryImport(Library, EntryPoint = "archive_write_finish_entry")]
    public static partial int FinishEntry(nint writer);

    [LibraryImport(Library, EntryPoint = "archive_write_close")]
    public static partial int CloseWriter(nint writer);

    [LibraryImport(Library, EntryPoint = "archive_write_free")]
    public static partial int FreeWriter(nint writer);
}
