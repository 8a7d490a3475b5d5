using System.Buffers.Binary;
using Kaleidofs.Drivers.Smb.Client;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Drivers.Smb;

/// <summary>Holes, and copies that the server makes.</summary>
internal sealed partial class SmbFileSystem
{
    private const uint KeepSize = 1;
    private const uint PunchHole = 2;
    private const uint ZeroRange = 0x10;
    private const uint SetSparse = 0x000900C4;
    private const uint SetZeroData = 0x000980C8;
    private const byte AllocationInformation = 19;

    /// <inheritdoc/>
    public override async ValueTask<Result<long>> SeekAsync(RequestContext context, ulong inode, ulong handle, long offset, SeekKind kind)
    {
        if (!_handles.TryGetValue(handle, out OpenFile? file))
        {
            return Errno.EBADF;
        }
        if (!file.Inode.Node.IsGone)
        {
            await RefreshAsync(context, file.Inode.Node).ConfigureAwait(false);
        }
        long size = (long)file.Inode.Node.Attributes.Size;
        if (offset < 0 || offset >= size)
        {
            return Errno.ENXIO;
        }
        for (long at = offset; ;)
        {
            long from = at;
            SmbResult<byte[]> ranges = await file.Remote.RunAsync(
                (share, id) => share.ControlAsync(id, AllocatedRanges.Control, AllocatedRanges.Ask(from), AllocatedRanges.MaxAnswer, context.CancellationToken), context.CancellationToken).ConfigureAwait(false);
            if (!ranges.IsOk)
            {
                return ranges.Status.ToErrno() == Errno.EOPNOTSUPP ? Errno.ENOSYS : ranges.Status.ToErrno();
            }
            bool isAny = AllocatedRanges.TryFindData(ranges.Value, at, out long start, out long end);
            if (kind == SeekKind.Data)
            {
                return isAny && start < size ? start : Errno.ENXIO;
            }
            if (!isAny || start > at || end >= size)
            {
                return isAny && start == at ? Math.Min(end, size) : at;
            }
            if (ranges.Value.Length < AllocatedRanges.MaxAnswer)
            {
                return end;
            }
            // There may be more that follows without a hole.
            at = end;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<Errno> AllocateAsync(RequestContext context, ulong inode, ulong handle, long offset, long length, uint mode)
    {
        if (!_handles.TryGetValue(handle, out OpenFile? file) || !file.Remote.IsWritable)
        {
            return Errno.EBADF;
        }
        if (offset < 0 || length <= 0 || mode is not (0 or KeepSize or (PunchHole | KeepSize) or ZeroRange or (ZeroRange | KeepSize)))
        {
            return offset < 0 || length <= 0 ? Errno.EINVAL : Errno.EOPNOTSUPP;
        }
        if (offset > long.MaxValue - length)
        {
            return Errno.EFBIG;
        }
        if (!file.Inode.Node.IsGone)
        {
            await RefreshAsync(context, file.Inode.Node).ConfigureAwait(false);
        }
        ulong size = file.Inode.Node.Attributes.Size;
        ulong end = (ulong)(offset + length);
        NtStatus status = NtStatus.Success;
        if ((mode & (PunchHole | ZeroRange)) != 0)
        {
            status = await ZeroAsync(file, offset, (long)Math.Min(end, Math.Max(size, (ulong)offset)), isHole: (mode & PunchHole) != 0).ConfigureAwait(false);
        }
        else if (end > size)
        {
            byte[] wanted = WriteSize(end);
            status = await file.Remote.RunAsync((share, id) => share.SetAsync(id, AllocationInformation, wanted)).ConfigureAwait(false);
        }
        else
        {
            // No server fills holes without writing to them; the C library does that.
            return Errno.EOPNOTSUPP;
        }
        if (status != NtStatus.Success)
        {
            return status.ToErrno();
        }
        file.Inode.AddWrite();
        return (mode & KeepSize) == 0 && end > size ? await SetSizeAsync(file, end).ConfigureAwait(false) : Errno.None;
    }

    /// <inheritdoc/>
    public override async ValueTask<Result<long>> CopyRangeAsync(RequestContext context, ulong inode, ulong handle, long offset, ulong toInode, ulong toHandle, long toOffset, long length)
    {
        if (!_handles.TryGetValue(handle, out OpenFile? from) || !_handles.TryGetValue(toHandle, out OpenFile? to) || !to.Remote.IsWritable)
        {
            return Errno.EBADF;
        }
        if (!from.Inode.Node.IsGone)
        {
            await RefreshAsync(context, from.Inode.Node).ConfigureAwait(false);
        }
        // A server copies nothing at all if there is less than was asked for.
        long count = Math.Min(Math.Min(length, CopyChunks.MaxLength), (long)from.Inode.Node.Attributes.Size - offset);
        if (count <= 0 || toOffset < 0 || toOffset > long.MaxValue - count)
        {
            return count <= 0 ? 0L : Errno.EFBIG;
        }
        SmbResult<long> copied = await to.Remote.RunAsync<long>(
            async (share, id) =>
            {
                SmbResult<FileId> source = await from.Remote.GetIdAsync(share).ConfigureAwait(false);
                if (!source.IsOk)
                {
                    return source.Status;
                }
                SmbResult<byte[]> key = await share.ControlAsync(source.Value, CopyChunks.ResumeKeyControl, ReadOnlyMemory<byte>.Empty, CopyChunks.MaxResumeKey).ConfigureAwait(false);
                if (!key.IsOk)
                {
                    return key.Status;
                }
                if (CopyChunks.TryWrite(key.Value, offset, toOffset, count) is not { } chunks)
                {
                    return NtStatus.InvalidNetworkResponse;
                }
                SmbResult<byte[]> answer = await share.ControlAsync(id, CopyChunks.Control, chunks, CopyChunks.AnswerSize).ConfigureAwait(false);
                return !answer.IsOk ? answer.Status : CopyChunks.ReadTotal(answer.Value, count) is >= 0 and var total ? total : NtStatus.InvalidNetworkResponse;
            }).ConfigureAwait(false);
        if (!copied.IsOk)
        {
            // Whatever a server has against copying, the kernel can read and write.
            return copied.Status.ToErrno() is Errno.EINVAL or Errno.EACCES ? Errno.EOPNOTSUPP : copied.Status.ToErrno();
        }
        if (copied.Value > 0)
        {
            NoteWritten(to.Inode, (ulong)(toOffset + copied.Value));
        }
        return copied.Value > 0 ? copied.Value : Errno.EOPNOTSUPP;
    }

    /// <summary>Makes a part of a file zeros; a hole, if that is wanted.</summary>
    private static Task<NtStatus> ZeroAsync(OpenFile file, long from, long end, bool isHole)
    {
        byte[] range = new byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(range, from);
        BinaryPrimitives.WriteInt64LittleEndian(range.AsSpan(8), end);
        return file.Remote.RunAsync(
            async (share, id) =>
            {
                SmbResult<byte[]> sparse = isHole ? await share.ControlAsync(id, SetSparse, new byte[] { 1 }, 0).ConfigureAwait(false) : Array.Empty<byte>();
                return !sparse.IsOk || end == from ? sparse.Status : (await share.ControlAsync(id, SetZeroData, range, 0).ConfigureAwait(false)).Status;
            });
    }
}
