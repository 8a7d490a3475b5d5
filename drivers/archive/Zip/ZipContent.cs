using System.Buffers;
using Kaleidofs.Drivers.Archive.Decoding;
using Kaleidofs.Drivers.Archive.Deflate;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>The content of a zip's entries: stored ones straight from the file, compressed and encrypted ones through the content cache.</summary>
internal sealed class ZipContent(ByteSource file, Tree tree, ZipMemberReader members, ZipBlockLoader loader, EntryChecks checks, DamageLog damage, StoredVerification verification)
    : IDisposable
{
    /// <summary>Stored entries that are compared by default: a few milliseconds, once.</summary>
    private const long SmallLength = 16 << 20;

    /// <summary>Those that are compared on the asking thread; longer ones on one of the share's own.</summary>
    private const long AtOnceLength = 64 << 10;

    /// <summary>Why an entry cannot be read; none if it can.</summary>
    public ValueTask<Errno> GetRefusalAsync(int node)
    {
        if (checks.IsDamaged(node))
        {
            return new(Errno.EIO);
        }
        ValueTask<ZipMember> member = members.GetAsync(node);
        return member.IsCompletedSuccessfully ? new(member.Result.Refusal) : new(WaitAsync(member));

        static async Task<Errno> WaitAsync(ValueTask<ZipMember> member) => (await member.ConfigureAwait(false)).Refusal;
    }

    /// <summary>Reads bytes that exist; the destination has room for them.</summary>
    public ValueTask<Errno> ReadAsync(RequestContext context, int node, long offset, int count, PayloadWriter destination)
    {
        ValueTask<ZipMember> member = members.GetAsync(node);
        return member.IsCompletedSuccessfully
            ? ReadAsync(context, member.Result, offset, count, destination)
            : ReadLaterAsync(context, member, offset, count, destination);
    }

    /// <summary>An entry's bytes for whoever reads an archive in them; null if they cannot be read.</summary>
    public ByteSource? OpenMember(int node, MemberDetails details)
    {
        ZipMember member = members.Get(node);
        if (member.Refusal != Errno.None || (NeedsCheck(member) && !Check(member)) || checks.IsDamaged(node))
        {
            return null;
        }
        return member.IsStored
            ? new SliceSource(member.Data.File, member.Data.Start, member.Size, details.Path, details.ModificationTime)
            : loader.OpenMember(member, details);
    }

    /// <summary>Finds ahead where the decoding of long entries can begin.</summary>
    public Task PrepareAsync(OpeningProgress progress) => loader.PrepareAsync(progress);

    /// <inheritdoc/>
    public void Dispose()
    {
        loader.Dispose();
        file.Dispose();
    }

    private async ValueTask<Errno> ReadLaterAsync(RequestContext context, ValueTask<ZipMember> member, long offset, int count, PayloadWriter destination)
        => await ReadAsync(context, await member.ConfigureAwait(false), offset, count, destination).ConfigureAwait(false);

    private ValueTask<Errno> ReadAsync(RequestContext context, ZipMember member, long offset, int count, PayloadWriter destination)
    {
        Errno refusal = checks.IsDamaged(member.Entry) ? Errno.EIO : member.Refusal;
        if (refusal != Errno.None)
        {
            return new(refusal);
        }
        return NeedsCheck(member) && !TryCheckNow(member)
            ? CheckAndReadAsync(context, member, offset, count, destination)
            : ReadCheckedAsync(context, member, offset, count, destination);
    }

    /// <summary>
    /// Whether something must be compared before the first byte is served. What a decoder makes is compared as it comes, by its CRC;
    /// who encrypts by AES may leave that out, and forging it takes no key: there the authentication code is compared.
    /// </summary>
    private bool NeedsCheck(ZipMember member)
    {
        if (!(member.IsStored || member.IsAuthenticated) || checks.IsGood(member.Entry))
        {
            return false;
        }
        return verification switch
        {
            StoredVerification.All => true,
            StoredVerification.Small => Math.Min(member.Size, member.Data.End - member.Data.Start) <= SmallLength,
            _ => false,
        };
    }

    private async ValueTask<Errno> CheckAndReadAsync(RequestContext context, ZipMember member, long offset, int count, PayloadWriter destination)
    {
        await file.RunAsync(() => Check(member)).ConfigureAwait(false);
        return context.CancellationToken.IsCancellationRequested ? Errno.EINTR : await ReadCheckedAsync(context, member, offset, count, destination).ConfigureAwait(false);
    }

    private ValueTask<Errno> ReadCheckedAsync(RequestContext context, ZipMember member, long offset, int count, PayloadWriter destination)
        => checks.IsDamaged(member.Entry) ? new(Errno.EIO)
            : member.IsInPlace ? file.ReadAsync(member.Data.Start + offset, count, destination)
            : loader.Content.ReadAsync(context, (ulong)member.Entry, member.Size, offset, count, destination);

    /// <summary>Compares the checksum of a short entry that is in memory.</summary>
    private bool TryCheckNow(ZipMember member)
    {
        if (member.Size > AtOnceLength || !member.IsInPlace)
        {
            return false;
        }
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)AtOnceLength);
        Span<byte> content = buffer.AsSpan(0, (int)member.Size);
        bool isRead = file.TryReadNow(member.Data.Start, content);
        if (isRead)
        {
            Judge(member, Crc32.Append(0, content));
        }
        ArrayPool<byte>.Shared.Return(buffer);
        return isRead;
    }

    /// <summary>Compares an entry's authentication code, or the checksum of a stored one, or both; returns whether its data could be read.</summary>
    private bool Check(ZipMember member)
    {
        if (member.IsAuthenticated)
        {
            if (!member.Decryption!.TryAuthenticate(out bool isGenuine))
            {
                return false;
            }
            if (!isGenuine)
            {
                Condemn(member, "its encrypted data is damaged or forged: its authentication code is wrong");
                return true;
            }
        }
        if (!member.IsStored || member.Crc is null)
        {
            checks.SetGood(member.Entry);
            return true;
        }
        return CheckSum(member);
    }

    private bool CheckSum(ZipMember member)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(AtOnceLength, Math.Max(member.Size, 1)));
        try
        {
            uint crc = 0;
            int length;
            for (long position = 0; position < member.Size; position += length)
            {
                length = (int)Math.Min(buffer.Length, member.Size - position);
                if (!member.Data.File.TryRead(member.Data.Start + position, buffer.AsSpan(0, length)))
                {
                    // Not the entry's fault: the read that follows fails, too, or the next time is better.
                    return false;
                }
                crc = Crc32.Append(crc, buffer.AsSpan(0, length));
            }
            Judge(member, crc);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Judge(ZipMember member, uint crc)
    {
        if (crc == member.Crc)
        {
            checks.SetGood(member.Entry);
            return;
        }
        Condemn(member, member.Decryption is { MayHaveWrongPassword: true } ? "its checksum is wrong, or the password is" : "its checksum is wrong");
    }

    private void Condemn(ZipMember member, string reason)
    {
        checks.SetDamaged(member.Entry);
        damage.Report(member.Entry, tree.GetName(member.Entry), reason);
    }
}
