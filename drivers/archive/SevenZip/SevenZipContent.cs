using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;
using Kaleidofs.Drivers.Archive.Zip;

namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>The content of a 7z's files: of folders that are neither packed nor encrypted straight from the archive, of others through the content cache.</summary>
internal sealed class SevenZipContent : IDisposable
{
    /// <summary>Files that are compared with their checksum by default: what decodes them is needed anyway, and LZMA notices little by itself.</summary>
    private const long SmallLength = 16 << 20;

    private const int PieceLength = 64 << 10;

    private readonly ByteSource _file;
    private readonly SevenZipListing _listing;
    private readonly FolderLoader _loader;
    private readonly EntryChecks _checks;
    private readonly DamageLog _damage;
    private readonly StoredVerification _verification;
    private readonly bool _hasPassword;

    /// <param name="file">The archive; its own from now on.</param>
    /// <param name="listing">What the archive's header says.</param>
    /// <param name="opener">Finds folders' bytes.</param>
    /// <param name="context">What else opening needs.</param>
    public SevenZipContent(ByteSource file, SevenZipListing listing, FolderOpener opener, OpeningContext context)
    {
        _file = file;
        _listing = listing;
        _hasPassword = opener.HasPassword;
        _verification = context.Options.Verification;
        _checks = new EntryChecks(listing.First, listing.Tree.Count - listing.First);
        _damage = new DamageLog(file.Path, context.Log);
        _loader = new FolderLoader(file, listing, opener, _damage, context);
        if (!_hasPassword && listing.Folders.Any(folder => folder.IsEncrypted))
        {
            context.Log.Warning($"{file.Path}: what is encrypted in it cannot be read, as no password was given: {ArchivePassword.HowTo}");
        }
    }

    /// <summary>Why a file cannot be read; none if it can.</summary>
    public Errno GetRefusal(int node)
        => _listing.GetContent(node) is not { } content ? Errno.None
            : _listing.Folders[content.Folder].IsEncrypted && !_hasPassword ? Errno.EACCES
            : !_loader.CanDecode(content.Folder) ? Refuse(node, "packed in a way that is not supported together with encryption", Errno.EOPNOTSUPP)
            : _checks.IsDamaged(node) ? Errno.EIO
            : Errno.None;

    /// <summary>Reads bytes that exist; the destination has room for them.</summary>
    public ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
        => GetRefusal(node) is Errno errno and not Errno.None ? new(errno)
            : _listing.GetContent(node) is not { } content ? new(Errno.EIO)
            : NeedsCheck(node, content) ? CheckAndReadAsync(context, node, content, offset, count, destination)
            : ReadAsync(context, content, offset, count, destination);

    /// <summary>A file's bytes for whoever reads an archive in them, on a thread that may wait; null if they cannot be read.</summary>
    public ByteSource? OpenMember(int node, MemberDetails details)
    {
        if (GetRefusal(node) != Errno.None || _listing.GetContent(node) is not { } content || _loader.OpenFolder(content.Folder, details) is not { } folder)
        {
            return null;
        }
        return new SliceSource(folder, content.Start, content.Length, details.Path, details.ModificationTime);
    }

    /// <summary>Decodes ahead what is kept decoded.</summary>
    public Task PrepareAsync(OpeningProgress progress) => _loader.PrepareAsync(progress);

    /// <inheritdoc/>
    public void Dispose()
    {
        _loader.Dispose();
        _file.Dispose();
    }

    private ValueTask<Errno> ReadAsync(RequestContext context, ContentRange content, long offset, int count, PayloadWriter destination)
        => _loader.IsInPlace(content.Folder)
            ? _file.ReadAsync(SevenZipHeader.StartLength + _listing.Folders[content.Folder].Start + content.Start + offset, count, destination)
            : _loader.Content.ReadAsync(context, (ulong)content.Folder, _listing.Folders[content.Folder].Length, content.Start + offset, count, destination);

    private bool NeedsCheck(int node, ContentRange content)
        => content.Crc is not null && !_checks.IsGood(node)
            && (_verification == StoredVerification.All || (_verification == StoredVerification.Small && content.Length <= SmallLength));

    private async ValueTask<Errno> CheckAndReadAsync(RequestContext context, int node, ContentRange content, long offset, int count, PayloadWriter destination)
    {
        Errno errno = await CheckAsync(context, node, content).ConfigureAwait(false);
        return errno != Errno.None ? errno
            : context.CancellationToken.IsCancellationRequested ? Errno.EINTR
            : await ReadAsync(context, content, offset, count, destination).ConfigureAwait(false);
    }

    private async Task<Errno> CheckAsync(RequestContext context, int node, ContentRange content)
    {
        ArrayPayloadWriter piece = new((int)Math.Min(PieceLength, content.Length));
        uint crc = 0;
        int count;
        for (long offset = 0; offset < content.Length; offset += count)
        {
            count = (int)Math.Min(PieceLength, content.Length - offset);
            piece.Clear();
            if (await ReadAsync(context, content, offset, count, piece).ConfigureAwait(false) is Errno errno and not Errno.None)
            {
                // Not to be held against it: the next time may be better.
                return errno;
            }
            crc = Crc32.Append(crc, piece.Content.Span);
        }
        if (crc == content.Crc)
        {
            _checks.SetGood(node);
            return Errno.None;
        }
        _checks.SetDamaged(node);
        return Refuse(node, _listing.Folders[content.Folder].IsEncrypted ? "its checksum is wrong, or the password is" : "its checksum is wrong", Errno.EIO);
    }

    private Errno Refuse(int node, string reason, Errno errno)
    {
        if (!_file.IsClosed)
        {
            _damage.Report(node, _listing.Tree.GetName(node), reason);
        }
        return errno;
    }
}
