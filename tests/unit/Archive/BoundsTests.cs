using System.Text;
using Kaleidofs.Drivers.Archive.Tar;
using Kaleidofs.Tests.Support.VhostUser;
using Kaleidofs.Tests.Unit.VhostUser;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>The bounds of an archive that are too large for one test beside many: reached, with their errno, while another share reads on.</summary>
public sealed class BoundsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_file_of_too_many_pieces_is_EIO_and_another_share_reads_on()
    {
        string tar = _directory["x.tar"];
        using (FileStream file = File.Create(tar))
        {
            Write(file, "most", SparseMapReader.MaxPieces);
            Write(file, "more", SparseMapReader.MaxPieces + 1);
            file.Write(new TarWriter().Add("next", "next").ToArray());
        }
        await using Browser browser = await Browser.OpenAsync(tar);
        await using ServedDevice bounded = new(browser.FileSystem);
        await using ServedDevice other = new(new PatternFileSystem());
        using ConnectedGuest guest = new(bounded.Path, maxPayload: 4096);
        using ConnectedGuest beside = new(other.Path, maxPayload: 4096);
        ulong most = guest.Client.Lookup(FileSystem.RootInode, "most").Entry.NodeId;
        ulong more = guest.Client.Lookup(FileSystem.RootInode, "more").Entry.NodeId;
        ulong next = guest.Client.Lookup(FileSystem.RootInode, "next").Entry.NodeId;
        for (uint i = 0; i < 10; i++)
        {
            Assert.Equal(Errno.EIO, guest.Client.Read(more, 0, i * 100, 10).Errno);
            Assert.Equal(PatternFileSystem.Bytes(i, 100), beside.Client.Read(PatternFileSystem.FileInode, 0, i, 100).Data);
            // Each piece is the byte in the middle of three.
            Assert.Equal(Enumerable.Range(0, 9).Select(at => at % 3 == 1 ? (byte)'x' : (byte)0), guest.Client.Read(most, 0, 3 * (SparseMapReader.MaxPieces - 3 - i), 9).Data);
            Assert.Equal("next"u8.ToArray(), guest.Client.Read(next, 0, 0, 10).Data);
        }
    }

    /// <summary>A file with holes in the form 1.0, of pieces of a byte each.</summary>
    private static void Write(FileStream file, string name, int pieces)
    {
        StringBuilder map = new($"{pieces}\n", pieces * 12);
        for (int i = 0; i < pieces; i++)
        {
            map.Append((3 * i) + 1).Append("\n1\n");
        }
        map.Append('\0', -map.Length & 511);
        byte[] content = new byte[map.Length + pieces];
        Encoding.ASCII.GetBytes(map.ToString(), content);
        content.AsSpan(map.Length).Fill((byte)'x');
        file.Write(new TarWriter().AddPax(("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.name", name), ("GNU.sparse.realsize", $"{3 * pieces}"))
            .Add(Encoding.ASCII.GetBytes(name), content).ToArrayWithoutEnd());
    }
}
