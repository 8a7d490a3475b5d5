using System.Security.Cryptography;
using Amazon.S3.Model;
using Kaleidofs.Tests.Support.Memory;

namespace Kaleidofs.Tests.Servers.S3;

/// <summary>What is written is at a real server when close and fsync have returned.</summary>
[Collection(S3Collection.Name)]
public sealed class WritingTests(RadosGateway server)
{
    [SkippableFact]
    public async Task A_file_is_an_object_when_it_is_closed_with_owner_mode_and_time_in_its_metadata()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await using (Tree tree = await bucket.OpenAsync())
        {
            (ulong Inode, ulong Handle) file = await tree.CreateAsync("new.txt");
            await tree.WriteAsync(file, 0, "hello");
            Assert.Equal((5u, 1000u, 1001u), ((await tree.FindAsync("new.txt")).Size, (await tree.FindAsync("new.txt")).UserId, (await tree.FindAsync("new.txt")).GroupId));
            Assert.Equal(["new.txt"], await tree.ListAsync());
            Assert.Null(await bucket.GetAsync("new.txt"));
            Assert.Equal(Errno.None, await tree.CloseAsync(file));
            Assert.Equal("hello", await bucket.GetTextAsync("new.txt"));
        }
        MetadataCollection metadata = await bucket.GetMetadataAsync("new.txt");
        Assert.Equal(("33188", "1000", "1001"), (metadata["mode"], metadata["uid"], metadata["gid"]));
        await using Tree again = await bucket.OpenAsync();
        Attributes found = await again.FindAsync("new.txt");
        Assert.Equal((FileType.Regular | 0x1A4u, 1000u, 1001u), (found.Mode, found.UserId, found.GroupId));
        Assert.NotEqual(0u, found.ModificationTime.Nanoseconds);
        Assert.Equal(["new.txt"], await bucket.GetKeysAsync());
    }

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(8 << 20)]
    [InlineData((8 << 20) + 1)]
    [InlineData(40_000_003)]
    public async Task A_stream_of_any_length_arrives_whole(int length)
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        await using Tree tree = await bucket.OpenAsync();
        await tree.PutAsync("f", content);
        Assert.Equal(SHA256.HashData(content), SHA256.HashData((await bucket.GetAsync("f"))!));
        Assert.Equal((ulong)length, (await tree.FindAsync("f")).Size);
        Assert.Equal(SHA256.HashData(content), SHA256.HashData(await tree.ReadAllAsync("f")));
        Assert.Empty((await bucket.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket.Name })).MultipartUploads ?? []);
    }

    [SkippableFact]
    public async Task Parts_are_sent_while_the_rest_is_written_and_what_changes_them_starts_anew()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using FaultyProxy proxy = new(server.Endpoint);
        await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint);
        byte[] content = new byte[30 << 20];
        new Random(1).NextBytes(content);
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("f");
        for (int offset = 0; offset < content.Length; offset += 1 << 20)
        {
            await tree.WriteAsync(file, offset, content.AsMemory(offset, 1 << 20));
        }
        while (proxy.Requests.Count(request => request.StartsWith("PUT", StringComparison.Ordinal) && request.Contains("partNumber", StringComparison.Ordinal)) < 3)
        {
            await Task.Delay(10);
        }
        content.AsSpan(1000, 10).Clear();
        await tree.WriteAsync(file, 1000, new byte[10]);
        Assert.Equal(content[..2000], (await tree.ReadAsync("f", file.Handle, 0, 2000)).Content);
        Assert.Equal(Errno.None, await tree.CloseAsync(file));
        Assert.Equal(SHA256.HashData(content), SHA256.HashData((await bucket.GetAsync("f"))!));
        Assert.Empty((await bucket.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket.Name })).MultipartUploads ?? []);
    }

    [SkippableFact]
    public async Task Any_order_of_writes_cuts_and_appends_is_what_a_local_file_would_be()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await using Tree tree = await bucket.OpenAsync(options: "ttl=0");
        Random random = new(42);
        byte[] model = [];
        for (int round = 0; round < 25; round++)
        {
            (ulong Inode, ulong Handle) file = await tree.CreateAsync("f");
            for (int step = random.Next(8); step >= 0; step--)
            {
                int at = random.Next(model.Length + 5000);
                switch (random.Next(5))
                {
                    case 0:
                        Array.Resize(ref model, at);
                        Assert.Equal(Errno.None, await tree.ChangeAsync("f", new AttributeChange { Size = (ulong)at, Handle = random.Next(2) == 0 ? file.Handle : null }));
                        break;
                    case 1:
                        Assert.Equal(Errno.None, await tree.FileSystem.SyncAsync(default, file.Inode, file.Handle, false));
                        Assert.Equal(model, await bucket.GetAsync("f"));
                        break;
                    case 2:
                        (Errno errno, byte[] read) = await tree.ReadAsync("f", file.Handle, at / 2, 3000);
                        Assert.Equal(Errno.None, errno);
                        Assert.Equal(model.Skip(at / 2).Take(3000), read);
                        break;
                    default:
                        byte[] bytes = new byte[random.Next(1, 200_000)];
                        random.NextBytes(bytes);
                        Array.Resize(ref model, Math.Max(model.Length, at + bytes.Length));
                        bytes.CopyTo(model, at);
                        await tree.WriteAsync(file, at, bytes);
                        break;
                }
                Assert.Equal((ulong)model.Length, (await tree.FindAsync("f")).Size);
            }
            Assert.Equal(Errno.None, await tree.CloseAsync(file));
            Assert.Equal(model, await bucket.GetAsync("f"));
            Assert.Equal(model, await tree.ReadAllAsync("f"));
        }
    }

    [SkippableFact]
    public async Task Appending_handles_write_at_the_end_whatever_they_say()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("log", "one,");
        await using Tree tree = await bucket.OpenAsync();
        ulong handle = await tree.OpenAsync("log", OpenFlags.WriteOnly | OpenFlags.Append);
        (ulong Inode, ulong Handle) file = (await tree.GetInodeAsync("log"), handle);
        await tree.WriteAsync(file, 0, "two,");
        Assert.Equal(Errno.None, await tree.FileSystem.SyncAsync(default, file.Inode, file.Handle, false));
        await tree.WriteAsync(file, 0, "three");
        Assert.Equal(Errno.None, await tree.CloseAsync(file));
        Assert.Equal("one,two,three", await bucket.GetTextAsync("log"));
    }

    [SkippableFact]
    public async Task What_another_wrote_meanwhile_is_not_overwritten()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("f", "first");
        RecordingLog log = new();
        await using Tree tree = await bucket.OpenAsync(log: log, options: "ttl=60");
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("f", OpenFlags.WriteOnly);
        await tree.WriteAsync(file, 0, "F");
        (ulong Inode, ulong Handle) made = await tree.CreateAsync("g");
        await tree.WriteAsync(made, 0, "ours");
        (ulong Inode, ulong Handle) large = await tree.CreateAsync("h");
        await tree.WriteAsync(large, 0, new byte[9 << 20]);
        await bucket.PutAsync("f", "theirs");
        await bucket.PutAsync("g", "theirs");
        await bucket.PutAsync("h", "theirs");
        Assert.Equal(Errno.ESTALE, await tree.FileSystem.SyncAsync(default, file.Inode, file.Handle, false));
        Assert.Equal(Errno.ESTALE, await tree.CloseAsync(file));
        Assert.Equal(Errno.ESTALE, await tree.CloseAsync(made));
        Assert.Equal(Errno.ESTALE, await tree.CloseAsync(large));
        foreach (string key in (string[])["f", "g", "h"])
        {
            Assert.Equal("theirs", await bucket.GetTextAsync(key));
            Assert.Equal("theirs", await tree.ReadTextAsync(key));
        }
        Assert.Equal(3, log.Lines.Count(line => line.StartsWith("error:", StringComparison.Ordinal) && line.Contains("ESTALE", StringComparison.Ordinal)));
        // And then it can be written again.
        await tree.PutAsync("f", "ours");
        Assert.Equal("ours", await bucket.GetTextAsync("f"));
        Assert.Equal(["f", "g", "h"], await bucket.GetKeysAsync());
        Assert.Empty((await bucket.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket.Name })).MultipartUploads ?? []);
    }

    [SkippableFact]
    public async Task An_answer_that_is_lost_is_no_conflict()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using FaultyProxy proxy = new(server.Endpoint);
        await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint);
        await tree.PutAsync("warm", "x");
        int cuts = 0;
        proxy.Choose = request => request.StartsWith("PUT", StringComparison.Ordinal) && request.Contains("/f ", StringComparison.Ordinal) && Interlocked.Increment(ref cuts) == 1
            ? new FaultyProxy.Fault(null, CutAfter: 1) : null;
        await tree.PutAsync("f", "content");
        Assert.True(cuts > 1);
        Assert.Equal("content", await bucket.GetTextAsync("f"));
        cuts = 0;
        proxy.Choose = request => request.StartsWith("POST", StringComparison.Ordinal) && request.Contains("uploadId", StringComparison.Ordinal) && Interlocked.Increment(ref cuts) == 1
            ? new FaultyProxy.Fault(null, CutAfter: 1) : null;
        byte[] content = new byte[20 << 20];
        new Random(1).NextBytes(content);
        await tree.PutAsync("large", content);
        Assert.True(cuts > 0);
        Assert.Equal(SHA256.HashData(content), SHA256.HashData((await bucket.GetAsync("large"))!));
    }

    [SkippableFact]
    public async Task A_server_that_does_not_answer_fails_the_close_and_takes_it_later()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using FaultyProxy proxy = new(server.Endpoint);
        await using Tree tree = await bucket.OpenAsync(endpoint: proxy.Endpoint, options: "timeout=2");
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("f");
        await tree.WriteAsync(file, 0, "content");
        proxy.IsDown = true;
        Assert.Equal(Errno.EIO, await tree.FileSystem.SyncAsync(default, file.Inode, file.Handle, false));
        proxy.IsDown = false;
        Assert.Equal(Errno.None, await tree.CloseAsync(file));
        Assert.Equal("content", await bucket.GetTextAsync("f"));
    }

    [SkippableFact]
    public async Task Directories_are_markers_and_stay_when_the_last_name_in_them_goes()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("implied/only", "x");
        await using Tree tree = await bucket.OpenAsync();
        Assert.Equal(Errno.None, await tree.MakeDirectoryAsync("made", 0x1C0));
        Assert.Equal(Errno.EEXIST, await tree.MakeDirectoryAsync("made"));
        Assert.Equal(Errno.EEXIST, await tree.MakeDirectoryAsync("implied"));
        Assert.Equal(Errno.None, await tree.RemoveAsync("implied/only"));
        Assert.Equal(["implied/", "made/"], await tree.ListAsync());
        Assert.Equal(["implied/", "made/"], await bucket.GetKeysAsync());
        Assert.Equal("16832", (await bucket.GetMetadataAsync("made/"))["mode"]);
        await tree.PutAsync("made/f", "x");
        Assert.Equal(Errno.ENOTEMPTY, await tree.RemoveAsync("made", isDirectory: true));
        Assert.Equal(Errno.ENOTDIR, await tree.RemoveAsync("made/f", isDirectory: true));
        Assert.Equal(Errno.EISDIR, await tree.RemoveAsync("made"));
        Assert.Equal(Errno.None, await tree.RemoveAsync("made/f"));
        Assert.Equal(Errno.None, await tree.RemoveAsync("made", isDirectory: true));
        Assert.Equal(Errno.None, await tree.RemoveAsync("implied", isDirectory: true));
        Assert.Equal(Errno.ENOENT, await tree.RemoveAsync("implied", isDirectory: true));
        Assert.Empty(await bucket.GetKeysAsync());
    }

    [SkippableFact]
    public async Task A_renamed_file_keeps_its_bytes_its_metadata_and_its_open_handles()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await using Tree tree = await bucket.OpenAsync();
        byte[] content = new byte[200_000];
        new Random(1).NextBytes(content);
        await tree.MakeDirectoryAsync("d");
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("d/a b+é");
        await tree.WriteAsync(file, 0, content);
        Assert.Equal(Errno.None, await tree.RenameAsync("d/a b+é", "moved"));
        Assert.Equal(file.Inode, await tree.GetInodeAsync("moved"));
        Assert.Equal(content, await bucket.GetAsync("moved"));
        Assert.Equal(["d/", "moved"], await bucket.GetKeysAsync());
        await tree.WriteAsync(file, 5, "later");
        "later"u8.CopyTo(content.AsSpan(5));
        Assert.Equal(Errno.None, await tree.CloseAsync(file));
        Assert.Equal(content, await bucket.GetAsync("moved"));
        Assert.Equal("1000", (await bucket.GetMetadataAsync("moved"))["uid"]);

        await tree.PutAsync("target", "old");
        ulong reader = await tree.OpenAsync("moved");
        Assert.Equal(Errno.EEXIST, await tree.RenameAsync("moved", "target", RenameOptions.NoReplace));
        Assert.Equal(Errno.None, await tree.RenameAsync("moved", "target"));
        Assert.Equal(content, await tree.ReadAllAsync("target"));
        Assert.Equal(content[..100], (await tree.ReadAsync("target", reader, 0, 100)).Content);
        Assert.Equal(["d/", "target"], await tree.ListAsync());
        Assert.Equal(Errno.EISDIR, await tree.RenameAsync("target", "d"));
        Assert.Equal(Errno.ENOTDIR, await tree.RenameAsync("d", "target"));
        Assert.Equal(Errno.None, await tree.RenameAsync("d", "e"));
        await tree.PutAsync("e/f", "x");
        Assert.Equal(Errno.EXDEV, await tree.RenameAsync("e", "g"));
        Assert.Equal(["e/", "e/f", "target"], await bucket.GetKeysAsync());
        Assert.Equal(["e/", "target"], await tree.ListAsync());
    }

    [SkippableFact]
    public async Task Attributes_are_changed_without_the_content()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await bucket.PutAsync("f", "content", ("other", "kept"));
        await using (Tree tree = await bucket.OpenAsync())
        {
            await tree.MakeDirectoryAsync("d");
            Assert.Equal(Errno.None, await tree.ChangeAsync("f", new AttributeChange { Mode = 0x180, UserId = 5 }));
            Assert.Equal(Errno.None, await tree.ChangeAsync("f", new AttributeChange { ModificationTime = new Timestamp(1_234_567_890, 123) }));
            Assert.Equal(Errno.None, await tree.ChangeAsync("d", new AttributeChange { Mode = 0x1C0, ModificationTime = new Timestamp(77) }));
        }
        await using Tree again = await bucket.OpenAsync();
        Attributes file = await again.FindAsync("f");
        Assert.Equal((FileType.Regular | 0x180u, 5u, new Timestamp(1_234_567_890, 123)), (file.Mode, file.UserId, file.ModificationTime));
        Attributes directory = await again.FindAsync("d");
        Assert.Equal((FileType.Directory | 0x1C0u, new Timestamp(77)), (directory.Mode, directory.ModificationTime));
        Assert.Equal("content", await again.ReadTextAsync("f"));
        Assert.Equal("kept", (await bucket.GetMetadataAsync("f"))["other"]);
        // Set while it is written in parts.
        (ulong Inode, ulong Handle) large = await again.CreateAsync("large");
        await again.WriteAsync(large, 0, new byte[20 << 20]);
        Assert.Equal(Errno.None, await again.ChangeAsync("large", new AttributeChange { ModificationTime = new Timestamp(99), Handle = large.Handle }));
        Assert.Equal(Errno.None, await again.CloseAsync(large));
        Assert.Equal("99", (await bucket.GetMetadataAsync("large"))["mtime"]);
        Assert.Equal(new Timestamp(99), (await again.FindAsync("large")).ModificationTime);
    }

    [SkippableFact]
    public async Task Links_are_kept_as_rclone_keeps_them()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await using Tree tree = await bucket.OpenAsync(options: "ttl=0");
        Assert.Equal(Errno.None, await tree.LinkAsync("l", "../some where/é"));
        Assert.Equal("../some where/é", await bucket.GetTextAsync("l.rclonelink"));
        Assert.Equal(["l@"], await tree.ListAsync());
        Assert.Equal("../some where/é"u8.ToArray(), (await tree.FileSystem.ReadLinkAsync(default, await tree.GetInodeAsync("l"))).Value.ToArray());
        Assert.Equal(Errno.None, await tree.RenameAsync("l", "m"));
        Assert.Equal(["m.rclonelink"], await bucket.GetKeysAsync());
        await tree.PutAsync("f", "x");
        Assert.Equal(Errno.None, await tree.RenameAsync("f", "m"));
        Assert.Equal(["m"], await bucket.GetKeysAsync());
        Assert.Equal(Errno.EINVAL, (await tree.TryCreateAsync("x.rclonelink")).Errno);
        Assert.Equal(Errno.EINVAL, (await tree.TryCreateAsync("=s3:empty=")).Errno);
    }

    [SkippableFact]
    public async Task What_is_removed_while_it_is_open_is_written_to_nobody()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await using Tree tree = await bucket.OpenAsync();
        (ulong Inode, ulong Handle) file = await tree.CreateAsync("f");
        await tree.WriteAsync(file, 0, "secret");
        Assert.Equal(Errno.None, await tree.RemoveAsync("f"));
        await tree.WriteAsync(file, 6, "more");
        Attributes attributes = (await tree.FileSystem.GetAttributesAsync(default, file.Inode, null)).Value.Attributes;
        Assert.Equal((10u, 0u), (attributes.Size, attributes.LinkCount));
        ArrayPayloadWriter read = new(100);
        Assert.Equal(Errno.None, await tree.FileSystem.ReadAsync(default, file.Inode, file.Handle, 0, read));
        Assert.Equal("secretmore"u8.ToArray(), read.Content.ToArray());
        await tree.PutAsync("f", "another");
        Assert.Equal(Errno.None, await tree.CloseAsync(file));
        Assert.Equal("another", await bucket.GetTextAsync("f"));
        Assert.Equal("another", await tree.ReadTextAsync("f"));
    }

    [SkippableFact]
    public async Task Two_mounts_see_what_the_other_closed()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        await using Tree first = await bucket.OpenAsync(options: "ttl=0");
        await using Tree second = await bucket.OpenAsync(options: "ttl=0");
        for (int round = 0; round < 10; round++)
        {
            await first.PutAsync("f", $"first {round}");
            Assert.Equal($"first {round}", await second.ReadTextAsync("f"));
            await second.PutAsync("f", $"second {round}");
            Assert.Equal($"second {round}", await first.ReadTextAsync("f"));
        }
    }

    [SkippableFact]
    public async Task Uploads_of_a_dead_process_are_given_up_by_the_next()
    {
        using TestBucket bucket = await TestBucket.MakeAsync(server);
        using TemporaryFolder folder = new();
        string upload = (await bucket.Client.InitiateMultipartUploadAsync(bucket.Name, "orphan")).UploadId;
        string foreign = (await bucket.Client.InitiateMultipartUploadAsync(bucket.Name, "another's")).UploadId;
        Directory.CreateDirectory(folder.At("pending"));
        folder.Write("pending/1.upload", $$"""{"Endpoint":"{{server.Endpoint}}","Bucket":"{{bucket.Name}}","Key":"orphan","Begun":"2020-01-01T00:00:00Z"}""" + "\n" + upload);
        folder.Write("pending/2.upload", "{\"Endpo");
        folder.Write("pending/3.upload", """{"Endpoint":"http://elsewhere","Bucket":"b","Key":"k","Begun":"2020-01-01T00:00:00Z"}""" + "\n");
        folder.Write("pending/4.upload", $$"""{"Endpoint":"{{server.Endpoint}}","Bucket":"{{bucket.Name}}","Key":"unanswered","Begun":"{{DateTimeOffset.UtcNow:O}}"}""" + "\n");
        await bucket.Client.InitiateMultipartUploadAsync(bucket.Name, "unanswered");
        await using Tree tree = await bucket.OpenAsync(options: "staging=" + folder.Path);
        MultipartUpload left = Assert.Single((await bucket.Client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket.Name })).MultipartUploads);
        Assert.Equal(foreign, left.UploadId);
        // What was sent a moment ago may still arrive: then the next looks again.
        Assert.Equal(["2.upload", "3.upload", "4.upload"], Directory.GetFiles(folder.At("pending")).Select(Path.GetFileName).Order());
    }
}
