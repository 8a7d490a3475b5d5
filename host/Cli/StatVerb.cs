using System.CommandLine;
using System.Globalization;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs stat</c>: everything that is known of one name.</summary>
internal sealed class StatVerb() : ViewVerb("stat", "Show all attributes of a name, extended ones too.",
    "kaleidofs stat backup.zip etc/hosts")
{
    /// <inheritdoc/>
    protected override bool FollowsLast => false;

    /// <inheritdoc/>
    protected override async Task ShowAsync(SourceView view, byte[] path, Attributes attributes, StandardOutput output, ParseResult result)
    {
        output.Write("  name: ");
        output.WriteName(path.Length == 0 ? "/"u8 : path);
        output.Write("\n");
        if (attributes.IsSymbolicLink)
        {
            Result<ReadOnlyMemory<byte>> target = await view.FileSystem.ReadLinkAsync(view.Context, attributes.Inode).ConfigureAwait(false);
            output.Write("target: ");
            output.WriteName(target.IsOk ? target.Value.Span : "?"u8);
            output.Write("\n");
        }
        string permissions = Convert.ToString(attributes.Mode & 0xFFF, 8).PadLeft(4, '0');
        output.Write(string.Create(CultureInfo.InvariantCulture,
            $"""
              type: {ModeText.TypeOf(attributes.Mode)}
              size: {attributes.Size}
              mode: {permissions} ({ModeText.Of(attributes.Mode)})
             owner: {attributes.UserId}
             group: {attributes.GroupId}
             inode: {attributes.Inode}
             links: {attributes.LinkCount}
            blocks: {attributes.Blocks} of 512 bytes
            access: {TimeText.ToNanoseconds(attributes.AccessTime)}
            modify: {TimeText.ToNanoseconds(attributes.ModificationTime)}
            change: {TimeText.ToNanoseconds(attributes.ChangeTime)}
             birth: {(attributes.BirthTime == default ? "unknown" : TimeText.ToNanoseconds(attributes.BirthTime))}

            """));
        if ((attributes.Mode & FileType.Mask) is FileType.CharacterDevice or FileType.BlockDevice)
        {
            // The kernel's 32-bit encoding (linux/kdev_t.h, new_encode_dev).
            uint major = (attributes.DeviceId >> 8) & 0xFFF;
            uint minor = (attributes.DeviceId & 0xFF) | ((attributes.DeviceId >> 12) & 0xFFF00);
            output.Write(string.Create(CultureInfo.InvariantCulture, $"device: {major}:{minor}\n"));
        }
        await WriteExtendedAttributesAsync(view, path, attributes.Inode, output).ConfigureAwait(false);
    }

    private async ValueTask WriteExtendedAttributesAsync(SourceView view, byte[] path, ulong inode, StandardOutput output)
    {
        Result<ReadOnlyMemory<byte>> names = await view.FileSystem.ListExtendedAttributesAsync(view.Context, inode).ConfigureAwait(false);
        if (!names.IsOk)
        {
            if (names.Errno is not (Errno.ENOSYS or Errno.ENODATA or Errno.EOPNOTSUPP))
            {
                Report(output, path, names.Errno);
            }
            return;
        }
        ReadOnlyMemory<byte> rest = names.Value;
        while (rest.Span.IndexOf((byte)0) is > 0 and int end)
        {
            ReadOnlyMemory<byte> name = rest[..end];
            rest = rest[(end + 1)..];
            Result<ReadOnlyMemory<byte>> value = await view.FileSystem.GetExtendedAttributeAsync(view.Context, inode, name).ConfigureAwait(false);
            output.Write(" xattr: ");
            output.WriteName(name.Span);
            output.Write(value.IsOk ? " = " + Quote(value.Value.Span) : ": " + value.Errno.Describe());
            output.Write("\n");
        }
    }

    /// <summary>Text in quotes, as getfattr(1) shows it; anything else in hexadecimal digits.</summary>
    private static string Quote(ReadOnlySpan<byte> value)
        => value.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E)
            ? "0x" + Convert.ToHexStringLower(value)
            : "\"" + System.Text.Encoding.ASCII.GetString(value).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
