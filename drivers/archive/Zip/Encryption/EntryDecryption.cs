using Kaleidofs.Drivers.Archive.Decoding;

namespace Kaleidofs.Drivers.Archive.Zip.Encryption;

/// <summary>Opens encrypted entries with the archive's password, and says once what to do if that is missing, and once if it is wrong.</summary>
internal sealed class EntryDecryption(ArchivePassword? password, DriverLog log)
{
    private int _hasToldOfNone;
    private int _hasToldOfWrong;

    /// <summary>The plain bytes; null with EACCES for want of the right password, or with EIO if there cannot be any.</summary>
    /// <param name="archive">The archive.</param>
    /// <param name="start">Where the entry's data begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="record">The entry.</param>
    /// <param name="field">How it is encrypted, if by AES.</param>
    /// <param name="errno">Why there are none.</param>
    public DecryptingSource? Open(ByteSource archive, long start, long length, in CentralDirectoryRecord record, AesField? field, out Errno errno)
    {
        errno = Errno.EACCES;
        if (password is null)
        {
            if (Interlocked.Exchange(ref _hasToldOfNone, 1) == 0)
            {
                log.Warning($"{archive.Path}: entry '{DamageLog.ToText(record.Name)}' is encrypted, and no password was given: {ArchivePassword.HowTo}");
            }
            return null;
        }
        int headLength = field is { } aes ? aes.SaltLength + AesSource.VerifierLength : ZipCryptoSource.HeaderLength;
        long contentLength = length - headLength - (field is null ? 0 : AesSource.CodeLength);
        Span<byte> head = stackalloc byte[headLength];
        if (contentLength < 0 || !archive.TryRead(start, head))
        {
            errno = Errno.EIO;
            return null;
        }
        DecryptingSource? source = field is null
            ? OpenTraditional(archive, start + headLength, contentLength, head, record)
            : AesSource.Open(archive, start + headLength, contentLength, head, field.Value.KeyLength, password.Bytes);
        if (source is null && Interlocked.Exchange(ref _hasToldOfWrong, 1) == 0)
        {
            log.Warning($"{archive.Path}: the password is wrong for entry '{DamageLog.ToText(record.Name)}', and perhaps for others: {ArchivePassword.HowTo}");
        }
        return source;
    }

    private ZipCryptoSource? OpenTraditional(ByteSource archive, long start, long length, Span<byte> head, in CentralDirectoryRecord record)
    {
        var keys = ZipCryptoKeys.From(password!.Bytes);
        keys.Decrypt(head);
        byte check = head[^1];
        // Who did not know the checksum when they began took the time.
        bool isRight = check == (byte)(record.Crc >> 24) || ((record.Flags & ZipFormat.HasDescriptor) != 0 && check == (byte)(record.DosTime >> 8));
        return isRight ? new ZipCryptoSource(archive, start, length, keys) : null;
    }
}
