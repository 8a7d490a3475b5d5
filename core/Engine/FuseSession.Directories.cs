using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

internal sealed partial class FuseSession
{
    private void List(FuseRequest request, bool plus)
    {
        ReadIn body = request.Body<ReadIn>();
        if (!TryGetHandle(request, body.Handle, out ulong handle, isDirectory: true))
        {
            return;
        }
        DirEntWriter writer = request.StartListing((int)Math.Min(body.Size, MaxRead), plus);
        if (body.Offset < DirEntWriter.FirstDriverOffset)
        {
            ValueTask<Result<ulong>> parent = _fileSystem.GetParentAsync(request.Context, request.Header.NodeId);
            if (!parent.IsCompletedSuccessfully)
            {
                Finish(request, ListFromStartAsync(request, writer, parent, body), ReplyListed);
                return;
            }
            if (!AddDots(request, writer, body.Offset, parent.Result))
            {
                ReplyListed(this, request, Errno.None);
                return;
            }
        }
        ulong cookie = Math.Max(body.Offset, DirEntWriter.FirstDriverOffset) - DirEntWriter.FirstDriverOffset;
        Finish(request, _fileSystem.ListAsync(request.Context, request.Header.NodeId, handle, cookie, writer), ReplyListed);
    }

    private async ValueTask<Errno> ListFromStartAsync(FuseRequest request, DirEntWriter writer, ValueTask<Result<ulong>> parent, ReadIn body)
    {
        if (!AddDots(request, writer, body.Offset, await parent.ConfigureAwait(false)))
        {
            return Errno.None;
        }
        // The guest may have released the handle, or gone, while the parent was waited for.
        ulong inode = request.Header.NodeId;
        ulong handle = body.Handle;
        if (!_info.IsStateless)
        {
            if (!_handles.TryGet(body.Handle, inode, isDirectory: true, out OpenHandle open))
            {
                return Errno.EBADF;
            }
            handle = open.DriverHandle;
        }
        return await _fileSystem.ListAsync(request.Context, inode, handle, 0, writer).ConfigureAwait(false);
    }

    /// <summary>Adds '.' and '..', which no driver lists; false if they did not fit.</summary>
    private static bool AddDots(FuseRequest request, DirEntWriter writer, ulong offset, Result<ulong> parent)
    {
        ulong inode = request.Header.NodeId;
        return (offset >= 1 || writer.TryAddDots("."u8, 1, inode))
            && writer.TryAddDots(".."u8, DirEntWriter.FirstDriverOffset, parent.IsOk ? parent.Value : inode);
    }

    private static readonly Reply<Errno> ReplyListed = static (_, request, in errno) =>
    {
        if (errno != Errno.None)
        {
            request.Reply(errno);
        }
        else if (request.PayloadWritten == 0 && request.ListingIsFull)
        {
            // Not one entry fits: an empty answer would say that the directory ends here.
            request.Reply(Errno.EINVAL);
        }
        else
        {
            request.ReplyPayload();
        }
    };
}
