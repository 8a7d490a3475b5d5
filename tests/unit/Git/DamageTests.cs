using System.Text;
using Kaleidofs.Drivers.Git.Objects;
using Kaleidofs.Tests.Unit.Archive;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>Damaged and hostile repositories: EIO on what is damaged, and nothing worse.</summary>
public sealed class DamageTests
{
    private const string Packed = "git init -q\nseq 1 3000 >a; seq 1 3001 >b; seq 2 3002 >c; mkdir d; printf x >d/e; git add -A; commit -m x\nseq 1 3003 >a; git add -A; commit -m y; git repack -qadf; git pack-refs --all\n";

    [Fact]
    public async Task A_damaged_object_is_EIO_and_the_rest_reads()
    {
        using TestRepository repository = new(Packed);
        string pack = Assert.Single(Directory.GetFiles(repository.Path + "/.git/objects/pack", "*.pack"));
        string[] line = repository.RunLines("git verify-pack -v .git/objects/pack/*.idx | grep \" blob \" | sort -k3 -n -r | head -1")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Overwrite(pack, bytes => bytes[int.Parse(line[4], System.Globalization.CultureInfo.InvariantCulture) + 40] ^= 0x55);
        await using Browser browser = await repository.OpenAsync("@main");
        Assert.Equal("x"u8.ToArray(), await browser.ReadAllAsync("d/e"));
        List<Errno> outcomes = [];
        foreach (string name in (string[])["a", "b", "c"])
        {
            outcomes.Add(await browser.TryReadAllAsync(name));
        }
        Assert.Contains(Errno.EIO, outcomes);
        Assert.Contains(browser.Log.Lines, text => text.Contains("is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_copy_of_a_damaged_object_is_read()
    {
        using TestRepository repository = new(Packed);
        string pack = Assert.Single(Directory.GetFiles(repository.Path + "/.git/objects/pack", "*.pack"));
        repository.Run("git cat-file blob main:d/e >../content; git clone -q --no-local --bare . ../copy.git; printf '%s\\n' \"$PWD/../copy.git/objects\" >.git/objects/info/alternates");
        string offset = repository.RunLines("git verify-pack -v .git/objects/pack/*.idx | grep $(git rev-parse main:d/e)")[0].Split(' ')[^1];
        Overwrite(pack, bytes => bytes[int.Parse(offset, System.Globalization.CultureInfo.InvariantCulture) + 3] ^= 0xff);
        await using Browser browser = await repository.OpenAsync("@main");
        Assert.Equal("x"u8.ToArray(), await browser.ReadAllAsync("d/e"));
    }

    [Theory]
    [InlineData("idx", 10)]
    [InlineData("idx", 1100)]
    [InlineData("idx", -1)]
    [InlineData("pack", 5)]
    [InlineData("pack", -20)]
    [InlineData("pack", -1)]
    public async Task What_is_cut_off_is_named(string extension, int length)
    {
        using TestRepository repository = new(Packed);
        string file = Assert.Single(Directory.GetFiles(repository.Path + "/.git/objects/pack", "*." + extension));
        repository.Run("chmod -R u+w .git/objects/pack");
        using (FileStream stream = new(file, FileMode.Open))
        {
            stream.SetLength(length < 0 ? stream.Length + length : length);
        }
        SourceException exception = await Assert.ThrowsAsync<SourceException>(() => repository.OpenAsync("@main"));
        Assert.Contains("the commit is not", exception.Message);
        await using Browser browser = await repository.OpenAsync();
        Assert.Empty(await browser.ListAsync(await browser.FindAsync("branches")));
        Assert.Contains(browser.Log.Lines, line => line.Contains("not used, as it or its pack is damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_open_is_EIO()
    {
        using TestRepository repository = new(Packed);
        string pack = Assert.Single(Directory.GetFiles(repository.Path + "/.git/objects/pack", "*.pack"));
        await using Browser browser = await repository.OpenAsync("@main");
        repository.Run("chmod -R u+w .git/objects/pack");
        using (FileStream stream = new(pack, FileMode.Open))
        {
            stream.SetLength(12);
        }
        Assert.Equal(Errno.EIO, (await browser.FileSystem.LookupAsync(default, FileSystem.RootInode, "a"u8.ToArray())).Errno);
    }

    [Fact]
    public async Task Mutated_packs_and_indexes_are_refused_or_read_and_nothing_else()
    {
        using TestRepository repository = new("git init -q\nseq 1 300 >a; mkdir d; for i in 1 2 3 4 5 6; do seq $i 300 >d/$i; done; git add -A; commit -m x; git repack -qadf --depth=5; git multi-pack-index write 2>/dev/null; git pack-refs --all\n");
        string folder = repository.Path + "/.git/objects/pack";
        Dictionary<string, byte[]> files = Directory.GetFiles(folder).Where(file => !file.EndsWith(".rev", StringComparison.Ordinal)).ToDictionary(file => file, File.ReadAllBytes);
        int seed = int.TryParse(Environment.GetEnvironmentVariable("KALEIDOFS_GIT_SEED"), out int chosen) ? chosen : 1;
        int rounds = int.TryParse(Environment.GetEnvironmentVariable("KALEIDOFS_GIT_MUTATIONS"), out int many) ? many : 400;
        Random random = new(seed);
        int refused = 0, failed = 0, read = 0;
        for (int round = 0; round < rounds; round++)
        {
            string file = files.Keys.Order(StringComparer.Ordinal).ElementAt(random.Next(files.Count));
            byte[] mutated = [.. files[file]];
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                // The ends hold checksums that are compared: the rest is what is believed.
                int at = random.Next(3) == 0 ? random.Next(Math.Min(mutated.Length, 1200)) : random.Next(mutated.Length - 40);
                mutated[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(mutated[at] ^ (1 << random.Next(8)));
            }
            Write(file, mutated);
            try
            {
                await using Browser browser = await repository.OpenAsync("@main");
                foreach ((string path, Attributes attributes) in await WalkAsync(browser, FileSystem.RootInode, 0))
                {
                    if (attributes.IsRegularFile)
                    {
                        (Errno errno, _) = await browser.ReadAsync(attributes.Inode, 0, 1 << 16);
                        Assert.True(errno is Errno.None or Errno.EIO or Errno.ESTALE, $"seed {seed}, round {round}: {path}: {errno}");
                        _ = errno == Errno.None ? read++ : failed++;
                    }
                }
            }
            catch (SourceException)
            {
                refused++;
            }
            Write(file, files[file]);
        }
        Assert.True(refused > 0 && failed > 0 && read > 0, $"{refused} refused, {failed} failed, {read} read");
    }

    [Theory]
    [InlineData("05 05 90 05", "hello", "hello")]
    [InlineData("05 03 03 61 62 63", "hello", "abc")]
    [InlineData("05 07 91 01 03 04 78 79 7a 21", "hello", "ellxyz!")]
    public void A_delta_is_applied(string hex, string source, string expected)
    {
        byte[] delta = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        int start = Delta.ReadHeader(delta, out long baseLength, out long resultLength);
        Assert.Equal((source.Length, expected.Length), ((int)baseLength, (int)resultLength));
        byte[] result = new byte[resultLength];
        Delta.Apply(delta.AsSpan(start), Encoding.ASCII.GetBytes(source), result);
        Assert.Equal(expected, Encoding.ASCII.GetString(result));
    }

    [Theory]
    [InlineData("05 05 90 06")]
    [InlineData("05 05 91 01 05")]
    [InlineData("05 05 9f ff ff ff ff 05")]
    [InlineData("05 05 00")]
    [InlineData("05 05 05 61")]
    [InlineData("05 05 90 04")]
    [InlineData("05 02 90 04")]
    [InlineData("05 05 b0 05")]
    [InlineData("05 05 80")]
    public void A_delta_that_reaches_out_is_refused(string hex)
    {
        byte[] delta = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        int start = Delta.ReadHeader(delta, out _, out long resultLength);
        Assert.Throws<DamageException>(() => Delta.Apply(delta.AsSpan(start), "hello"u8, new byte[resultLength]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("85")]
    [InlineData("05 ff ff ff ff ff ff ff ff ff ff 01")]
    public void A_delta_without_sizes_is_refused(string hex)
        => Assert.Throws<DamageException>(() => Delta.ReadHeader(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out _, out _));

    private static async Task<List<(string Path, Attributes Attributes)>> WalkAsync(Browser browser, ulong inode, int depth)
    {
        List<(string, Attributes)> all = [];
        Listing listing = new();
        if (await browser.FileSystem.ListAsync(default, inode, 0, 0, listing) != Errno.None || depth > 10)
        {
            return all;
        }
        foreach ((string name, Attributes attributes) in listing.Entries)
        {
            all.Add((name, attributes));
            if (attributes.IsDirectory)
            {
                all.AddRange(await WalkAsync(browser, attributes.Inode, depth + 1));
            }
        }
        return all;
    }

    private static void Overwrite(string file, Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(file);
        change(bytes);
        Write(file, bytes);
    }

    private static void Write(string file, byte[] bytes)
    {
        File.Delete(file);
        File.WriteAllBytes(file, bytes);
    }

    private sealed class Listing : DirectoryWriter
    {
        public List<(string Name, Attributes Attributes)> Entries { get; } = [];

        public override bool IncludesLookup => true;

        public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
        {
            Entries.Add((Encoding.UTF8.GetString(name), entry.Attributes));
            return true;
        }
    }
}
