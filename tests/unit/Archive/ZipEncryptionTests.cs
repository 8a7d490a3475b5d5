using System.Buffers.Binary;
using System.Text;
using Kaleidofs.Caching;
using Kaleidofs.Drivers.Archive.Deflate;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Archive;

/// <summary>Encrypted zips, made by the tools that people make them with.</summary>
public sealed class ZipEncryptionTests : IDisposable
{
    private const string Password = "correct horse";

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Makers => new()
    {
        "zip -qe0 -P \"$2\" x.zip file",
        "zip -qe6 -P \"$2\" x.zip file",
        "zip -qe6 -P \"$2\" - file >x.zip",
        "7z a -bd -tzip -mem=ZipCrypto -mm=Deflate -p\"$2\" x.zip file",
        "7z a -bd -tzip -mem=AES128 -mm=Deflate -p\"$2\" x.zip file",
        "7z a -bd -tzip -mem=AES192 -mm=Copy -p\"$2\" x.zip file",
        "7z a -bd -tzip -mem=AES256 -mm=Copy -p\"$2\" x.zip file",
        "7z a -bd -tzip -mem=AES256 -mm=Deflate -p\"$2\" x.zip file",
    };

    [SkippableTheory]
    [MemberData(nameof(Makers))]
    public async Task Random_offsets_agree_with_the_whole(string maker)
    {
        byte[] content = TestContent.MakeText(1, 1_500_000);
        string path = Make(maker, content);
        await using Browser browser = await OpenAsync(path, Password, cacheBudget: 1 << 20);
        await ZipReadingTests.CheckRandomReadsAsync(browser, await browser.FindAsync("file"), content, seed: 2, reads: 1000);
        Assert.Equal(content, await browser.ReadAllAsync("file"));
        Assert.Empty(browser.Log.Lines);
    }

    [SkippableTheory]
    [MemberData(nameof(Makers))]
    public async Task Without_the_password_it_is_listed_and_refused_with_what_to_do(string maker)
    {
        string path = Make(maker, TestContent.MakeText(3, 200_000));
        await using Browser browser = await OpenAsync(path, password: null);
        Assert.Equal(200_000ul, (await browser.LookupAsync("file")).Size);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(Errno.EACCES, (await browser.FileSystem.OpenAsync(default, await browser.FindAsync("file"), OpenFlags.ReadOnly)).Errno);
            Assert.Equal(Errno.EACCES, await browser.TryReadAllAsync("file"));
        }
        Assert.Contains("-o password-file=PATH", Assert.Single(browser.Log.Lines));
    }

    [SkippableTheory]
    [MemberData(nameof(Makers))]
    public async Task With_a_wrong_password_nothing_is_served(string maker)
    {
        string path = Make(maker, TestContent.MakeText(4, 200_000));
        int refused = 0;
        foreach (string wrong in new[] { "wrong", "Correct horse", "correct horse ", "x", "y" })
        {
            await using Browser browser = await OpenAsync(path, wrong);
            Errno errno = (await browser.FileSystem.OpenAsync(default, await browser.FindAsync("file"), OpenFlags.ReadOnly)).Errno;
            // Traditional encryption has a check of one byte only: one wrong password in 256 passes, and is found out by the checksum.
            Assert.True(errno is Errno.EACCES or Errno.None);
            refused += errno == Errno.EACCES ? 1 : 0;
            Assert.Equal(errno == Errno.None ? Errno.EIO : Errno.EACCES, await browser.TryReadAllAsync("file"));
            Assert.Contains("password is wrong", Assert.Single(browser.Log.Lines));
        }
        Assert.InRange(refused, 3, 5);
    }

    [SkippableTheory]
    [MemberData(nameof(Makers))]
    public async Task Damaged_and_forged_data_is_an_error_and_the_others_read(string maker)
    {
        byte[] content = TestContent.MakeText(5, 100_000);
        byte[] zip = File.ReadAllBytes(Make(maker, content));
        int end = zip.AsSpan().LastIndexOf("PK\x01\x02"u8);
        foreach (int position in new[] { end / 3, end / 2, end - 40 })
        {
            byte[] damaged = [.. zip];
            damaged[position] ^= 4;
            await using Browser browser = await OpenAsync(_directory.Write("damaged.zip", damaged), Password);
            Assert.Equal(Errno.EIO, (await browser.ReadAsync(await browser.FindAsync("file"), 0, 10)).Errno);
            Assert.Equal(Errno.EIO, (await browser.FileSystem.OpenAsync(default, await browser.FindAsync("file"), OpenFlags.ReadOnly)).Errno);
            Assert.Single(browser.Log.Lines);
        }
    }

    [SkippableFact]
    public async Task Who_changes_the_data_and_the_checksum_is_caught_by_the_authentication_code()
    {
        byte[] content = TestContent.MakeText(6, 300_000);
        byte[] zip = File.ReadAllBytes(Make("7z a -bd -tzip -mem=AES256 -mm=Copy -p\"$2\" x.zip file", content));
        byte[] forged = SetAes(zip, version: 1, Crc32.Append(0, [(byte)(content[0] ^ 1), .. content[1..]]));
        // In counter mode a flipped bit of what is encrypted is that bit of the content.
        forged[FindData(forged) + 16 + 2] ^= 1;
        string path = _directory.Write("forged.zip", forged);
        foreach ((string verify, Errno errno) in new[] { ("none", Errno.None), ("small", Errno.EIO), ("all", Errno.EIO) })
        {
            await using Browser browser = await OpenAsync(path, Password, verify: verify);
            Assert.Equal(errno, await browser.TryReadAllAsync("file"));
            Assert.Equal(errno == Errno.None ? 0 : 1, browser.Log.Lines.Count(line => line.Contains("authentication code")));
        }
    }

    [SkippableFact]
    public async Task Both_kinds_of_aes_read_and_a_checksum_counts_where_there_is_one()
    {
        byte[] content = TestContent.MakeText(7, 50_000);
        foreach (string method in new[] { "Copy", "Deflate" })
        {
            byte[] zip = File.ReadAllBytes(Make($"7z a -bd -tzip -mem=AES128 -mm={method} -p\"$2\" x.zip file", content));
            foreach ((int version, uint crc, Errno errno) in new[] { (2, 0u, Errno.None), (2, 1u, Errno.None), (1, Crc32.Append(0, content), Errno.None), (1, 1u, Errno.EIO) })
            {
                await using Browser browser = await OpenAsync(_directory.Write("aes.zip", SetAes(zip, version, crc)), Password);
                Assert.Equal((version, crc, errno), (version, crc, await browser.TryReadAllAsync("file")));
            }
            await using Browser unknown = await OpenAsync(_directory.Write("aes.zip", SetAes(zip, 3, 0)), Password);
            Assert.Equal(Errno.EIO, await unknown.TryReadAllAsync("file"));
        }
    }

    [SkippableFact]
    public async Task Many_readers_at_once_see_the_same_content()
    {
        byte[] content = TestContent.MakeText(8, 3_000_000);
        string path = Make("zip -qe0 -P \"$2\" x.zip file", content);
        await using Browser browser = await OpenAsync(path, Password, cacheBudget: 1 << 20);
        ulong inode = await browser.FindAsync("file");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(reader => Task.Run(() => ZipReadingTests.CheckRandomReadsAsync(browser, inode, content, seed: 10 + reader, reads: 50))));
    }

    [SkippableFact]
    public async Task What_a_wrong_password_made_is_not_served_to_who_has_the_right_one()
    {
        byte[] content = TestContent.MakeText(11, 100_000);
        string path = Make("zip -qe0 -P \"$2\" x.zip file", content);
        using ContentCache cache = new(64 << 20);
        // One wrong password in 256 passes the check, and with verify=none what it makes is served.
        byte[] wrong = [];
        for (int i = 0; wrong.Length == 0; i++)
        {
            await using Browser browser = await OpenAsync(path, $"wrong {i}", verify: "none", cache: cache);
            (Errno errno, byte[] read) = await browser.ReadAsync(await browser.FindAsync("file"), 0, content.Length);
            wrong = errno == Errno.None ? read : [];
        }
        Assert.False(content.AsSpan().SequenceEqual(wrong));
        await using Browser right = await OpenAsync(path, Password, cache: cache);
        Assert.Equal(content, await right.ReadAllAsync("file"));
    }

    [SkippableFact]
    public async Task A_symbolic_link_and_an_empty_file_are_decrypted_too()
    {
        File.WriteAllBytes(_directory["empty"], []);
        Run("ln -s some/target link && zip -qye -P \"$2\" x.zip link empty");
        await using Browser browser = await OpenAsync(_directory["x.zip"], Password);
        Assert.Equal("some/target", await browser.ReadLinkAsync("link"));
        Assert.Empty(await browser.ReadAllAsync("empty"));
        await using Browser locked = await OpenAsync(_directory["x.zip"], null);
        Assert.Equal(Errno.EACCES, (await locked.FileSystem.ReadLinkAsync(default, await locked.FindAsync("link"))).Errno);
    }

    [Fact]
    public async Task The_password_comes_from_a_file_or_the_environment_and_mistakes_are_one_line()
    {
        ZipWriter writer = new();
        writer.Add("file", "content");
        string path = _directory.Write("plain.zip", writer.ToArray());
        string empty = _directory.Write("empty", "\nsecond line"u8);
        await Refused("cannot be read", false, ("password-file", _directory["missing"]));
        await Refused("first line", false, ("password-file", empty));
        await Refused("not set", true, ("password-env", "KALEIDOFS_TEST_UNSET"));
        await Refused("only one", true, ("password-env", "HOME"), ("password-file", empty));

        async Task Refused(string reason, bool isUsageError, params (string Name, string Value)[] options)
        {
            SourceException exception = await Assert.ThrowsAsync<SourceException>(() => Browser.OpenAsync(path, options: options.ToDictionary(option => option.Name, option => option.Value)));
            Assert.Contains(reason, exception.Message);
            Assert.DoesNotContain('\n', exception.Message);
            Assert.Equal(isUsageError, exception.IsUsageError);
        }
    }

    [SkippableFact]
    public async Task An_environment_variable_has_the_password()
    {
        byte[] content = TestContent.MakeText(9, 1000);
        string path = Make("zip -qe -P \"$2\" x.zip file", content);
        string variable = $"KALEIDOFS_TEST_{Guid.NewGuid():N}";
        Environment.SetEnvironmentVariable(variable, Password);
        await using Browser browser = await Browser.OpenAsync(path, options: new() { ["password-env"] = variable });
        Environment.SetEnvironmentVariable(variable, null);
        Assert.Equal(content, await browser.ReadAllAsync("file"));
    }

    private string Make(string script, byte[] content)
    {
        Skip.If(script.StartsWith("7z", StringComparison.Ordinal) && Shell.Run("command -v 7z").Status != 0, "7z is not installed");
        _directory.Write("file", content);
        File.Delete(_directory["x.zip"]);
        Run(script);
        return _directory["x.zip"];
    }

    private void Run(string script) => Shell.Run("cd \"$1\" && " + script, _directory.Path, Password).Succeeded();

    private Task<Browser> OpenAsync(string path, string? password, string verify = "small", long cacheBudget = 64 << 20, ContentCache? cache = null)
    {
        Dictionary<string, string> options = new() { ["verify"] = verify };
        if (password is not null)
        {
            options["password-file"] = _directory.Write("password", Encoding.UTF8.GetBytes(password + "\n"));
        }
        return Browser.OpenAsync(path, cacheBudget, options, cache);
    }

    /// <summary>Makes of an AES zip of one entry one of the other kind: only CRC and version differ, and no key is needed.</summary>
    private static byte[] SetAes(byte[] zip, int version, uint crc)
    {
        byte[] changed = [.. zip];
        int record = changed.AsSpan().LastIndexOf("PK\x01\x02"u8);
        foreach ((int header, int crcOffset, int fixedLength) in new[] { (0, 14, 30), (record, 16, 46) })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(header + crcOffset), crc);
            int field = header + fixedLength + changed.AsSpan(header + fixedLength).IndexOf((byte[])[0x01, 0x99, 7, 0]);
            changed[field + 4] = (byte)version;
        }
        return changed;
    }

    private static int FindData(byte[] zip)
        => 30 + BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(26)) + BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(28));
}
