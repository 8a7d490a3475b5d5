using System.Globalization;
using System.Text;
using Kaleidofs.Engine;
using Kaleidofs.Protocol;

namespace Kaleidofs.Diagnostics;

/// <summary>Writes each operation of one share as a line, once it is answered.</summary>
/// <param name="share">The share's name.</param>
/// <param name="output">Where the lines go.</param>
internal sealed class OperationTrace(string share, TraceOutput output)
{
    /// <summary>One line: time, share/queue, number, opcode, inode, arguments, outcome, duration.</summary>
    /// <param name="queue">The queue that the request came from.</param>
    /// <param name="request">The request; its private copy is read, guest memory is not.</param>
    /// <param name="nanoseconds">How long it took.</param>
    /// <param name="sent">Payload of the reply.</param>
    /// <param name="errno">Its outcome.</param>
    public void Write(int queue, FuseRequest request, long nanoseconds, int sent, Errno errno)
    {
        StringBuilder line = new(160);
        ref InHeader header = ref request.Header;
        line.Append(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:HH:mm:ss.ffffff} {share}/{queue} #{header.Unique} {OpcodeName.Of(header.Opcode)}");
        if (!request.Info.IsKnown)
        {
            line.Append(CultureInfo.InvariantCulture, $"({(uint)header.Opcode})");
        }
        line.Append(CultureInfo.InvariantCulture, $" inode={header.NodeId}");
        if (request.HasBody)
        {
            AppendArguments(line, request);
        }
        _ = errno == Errno.None
            ? line.Append(CultureInfo.InvariantCulture, $" = {sent} bytes")
            : line.Append(CultureInfo.InvariantCulture, $" = {errno}");
        line.Append(CultureInfo.InvariantCulture, $", {nanoseconds / 1000.0:0.0} us\n");
        output.Append(line.ToString());
    }

    private static void AppendArguments(StringBuilder line, FuseRequest request)
    {
        switch (request.Header.Opcode)
        {
            case Opcode.Read or Opcode.ReadDir or Opcode.ReadDirPlus or Opcode.Write:
                // The first three fields of struct fuse_write_in are those of fuse_read_in.
                ReadIn read = request.Body<ReadIn>();
                line.Append(CultureInfo.InvariantCulture, $" fh={read.Handle} offset={read.Offset} size={read.Size}");
                break;
            case Opcode.Open or Opcode.OpenDir:
                line.Append(CultureInfo.InvariantCulture, $" flags=0x{request.Body<OpenIn>().Flags:x}");
                break;
            case Opcode.Release or Opcode.ReleaseDir or Opcode.Flush or Opcode.FSync or Opcode.FSyncDir:
                line.Append(CultureInfo.InvariantCulture, $" fh={request.Body<ulong>()}");
                break;
            case Opcode.GetAttr or Opcode.StatX:
                GetAttrIn get = request.Body<GetAttrIn>();
                if (get.Flags != 0)
                {
                    line.Append(CultureInfo.InvariantCulture, $" fh={get.Handle}");
                }
                break;
            case Opcode.SetAttr:
                SetAttrIn set = request.Body<SetAttrIn>();
                line.Append(CultureInfo.InvariantCulture, $" valid=0x{set.Valid:x} mode=0{Convert.ToString(set.Mode, 8)} uid={set.UserId} gid={set.GroupId} size={set.Size}");
                break;
            case Opcode.LSeek:
                LSeekIn seek = request.Body<LSeekIn>();
                line.Append(CultureInfo.InvariantCulture, $" fh={seek.Handle} offset={seek.Offset} whence={seek.Whence}");
                break;
            case Opcode.Access:
                line.Append(CultureInfo.InvariantCulture, $" mask={request.Body<AccessIn>().Mask}");
                break;
            case Opcode.GetXAttr or Opcode.ListXAttr or Opcode.SetXAttr:
                line.Append(CultureInfo.InvariantCulture, $" size={request.Body<GetXAttrIn>().Size}");
                break;
            case Opcode.Create or Opcode.TmpFile:
                CreateIn create = request.Body<CreateIn>();
                line.Append(CultureInfo.InvariantCulture, $" flags=0x{create.Flags:x} mode=0{Convert.ToString(create.Mode, 8)}");
                break;
            case Opcode.MkDir or Opcode.MkNod:
                line.Append(CultureInfo.InvariantCulture, $" mode=0{Convert.ToString(request.Body<MkDirIn>().Mode, 8)}");
                break;
            case Opcode.Link:
                line.Append(CultureInfo.InvariantCulture, $" from={request.Body<LinkIn>().OldNodeId}");
                break;
            case Opcode.Rename or Opcode.Rename2:
                line.Append(CultureInfo.InvariantCulture, $" to={request.Body<RenameIn>().NewDirectory}");
                break;
            case Opcode.FAllocate:
                FAllocateIn allocate = request.Body<FAllocateIn>();
                line.Append(CultureInfo.InvariantCulture, $" fh={allocate.Handle} offset={allocate.Offset} length={allocate.Length} mode=0x{allocate.Mode:x}");
                break;
            case Opcode.CopyFileRange or Opcode.CopyFileRange64:
                CopyFileRangeIn copy = request.Body<CopyFileRangeIn>();
                line.Append(CultureInfo.InvariantCulture, $" fh={copy.Handle} offset={copy.Offset} to={copy.ToNodeId} to-fh={copy.ToHandle} to-offset={copy.ToOffset} length={copy.Length}");
                break;
            case Opcode.Forget:
                line.Append(CultureInfo.InvariantCulture, $" lookups={request.Body<ForgetIn>().LookupCount}");
                break;
            case Opcode.BatchForget:
                line.Append(CultureInfo.InvariantCulture, $" count={request.Body<BatchForgetIn>().Count}");
                break;
            case Opcode.Interrupt:
                line.Append(CultureInfo.InvariantCulture, $" of=#{request.Body<InterruptIn>().Unique}");
                break;
            case Opcode.Init:
                InitIn init = request.BodyPrefix<InitIn>();
                line.Append(CultureInfo.InvariantCulture, $" version={init.Major}.{init.Minor} flags=0x{((ulong)init.Flags2 << 32) | init.Flags:x}");
                break;
            default:
                break;
        }
        ReadOnlyMemory<byte> tail = request.Info.Names > 0 ? request.Tail : default;
        for (int i = 0; i < request.Info.Names && NameParser.TryTake(ref tail, out ReadOnlyMemory<byte> name); i++)
        {
            line.Append(' ').AppendName(name.Span);
        }
    }
}
