using System.Text;
using Kaleidofs.Protocol;
using Kaleidofs.Tests.Support.VhostUser;

namespace Kaleidofs.Tests.Servers;

/// <summary>What a guest does with inode numbers.</summary>
internal static class GuestFiles
{
    /// <summary>The number of a name that is there.</summary>
    public static ulong Find(this ConnectedGuest guest, ulong parent, string name)
    {
        (Errno errno, EntryOut entry) = guest.Client.Lookup(parent, name);
        Assert.Equal(Errno.None, errno);
        return entry.NodeId;
    }

    /// <summary>A file's content, by its number alone.</summary>
    public static string Read(this ConnectedGuest guest, ulong inode)
    {
        (Errno errno, AttrOut attributes) = guest.Client.GetAttributes(inode);
        Assert.Equal(Errno.None, errno);
        ulong handle = guest.Client.Open(inode);
        (errno, byte[] content) = guest.Client.Read(inode, handle, 0, (int)attributes.Attr.Size);
        Assert.Equal(Errno.None, errno);
        return Encoding.UTF8.GetString(content);
    }

    /// <summary>Renames within one directory.</summary>
    public static void Rename(this ConnectedGuest guest, ulong parent, string name, string to)
        => Assert.Equal(Errno.None, guest.Client.Call(Opcode.Rename, parent, [.. BitConverter.GetBytes(parent), .. Encoding.UTF8.GetBytes($"{name}\0{to}\0")], 0).Errno);

    /// <summary>kill -9.</summary>
    public static void Kill(this HostProcess host)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(host.Id);
        process.Kill();
        process.WaitForExit();
    }
}
