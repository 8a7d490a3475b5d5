using Kaleidofs.Tests.Vm.Archives;

namespace Kaleidofs.Tests.Vm.Guests;

/// <summary>
/// Archives of other programs in a guest, against what unzip and tar extract here. The guest's CPU may
/// be emulated: the kernel's sources are listed and read whole once, and every tool looks at a folder of them.
/// </summary>
[Collection(SharedGuest.Collection)]
public sealed class RealArchivesInGuestTests(SharedGuest guest)
{
    public static TheoryData<string, string> ArchivesAndTools => Tools.With(RealArchives.Names, Tools.OfGuest);

    public static TheoryData<string> Archives => [.. RealArchives.Names];

    [SkippableTheory]
    [MemberData(nameof(ArchivesAndTools))]
    public void A_tool_sees_the_same_as_in_an_extracted_copy(string name, string tool)
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        RealArchive archive = RealArchives.Get(name);
        string[] options = [archive.NamesDirectories ? "named" : "unnamed", Environment.UserName == "root" ? "owners" : "none", Part(archive)];
        CommandResult expected = Shell.RunBusybox(Tools.OfGuest[tool], [archive.Tree, .. options]).Succeeded();
        CommandResult actual = guest.Machine.Run($"set -- /mnt/{name} {string.Join(' ', options)}\n{Tools.OfGuest[tool]}", TimeSpan.FromMinutes(5)).Succeeded();
        Assert.True(expected.Output.Length > 0);
        Difference.Expect(expected, actual);
    }

    [SkippableTheory]
    [InlineData("linux.zip")]
    [InlineData("linux.tar.gz")]
    public void Tens_of_thousands_of_files_are_listed_and_read_whole(string name)
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        RealArchive archive = RealArchives.Get(name);
        string script = $$"""
            {{Tools.OfGuest["find and stat"]}}
            find . -type f | sort | tr '\n' '\0' | xargs -0 md5sum
            """;
        string[] options = ["named", Environment.UserName == "root" ? "owners" : "none", "."];
        CommandResult expected = Shell.RunBusybox(script, [archive.Tree, .. options]).Succeeded();
        CommandResult actual = guest.Machine.Run($"set -- /mnt/{name} {string.Join(' ', options)}\n{script}", TimeSpan.FromMinutes(10)).Succeeded();
        Assert.True(expected.Text.Count(character => character == '\n') > 150_000, "both a line of attributes and a digest for each");
        Difference.Expect(expected, actual);
    }

    [SkippableTheory]
    [MemberData(nameof(Archives))]
    public void Several_processes_read_at_random_offsets_at_once(string name)
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        RealArchive archive = RealArchives.Get(name);
        string[] reads = RandomReads.In(Path.Combine(archive.Tree, Part(archive)), seed: 2, count: 60);
        // Three processes take every third read each; their digests are printed in order, not as they come.
        string script = $$"""
            cd "$1/{{Part(archive)}}"
            cat >/tmp/reads.$$ <<'READS'
            {{string.Join('\n', reads.Chunk(3).Select(read => string.Join(' ', read)))}}
            READS
            for process in 0 1 2; do
              awk "NR % 3 == $process" /tmp/reads.$$ | while read -r offset length path; do
                dd if="$path" bs=65536 iflag=skip_bytes,count_bytes skip="$offset" count="$length" 2>/dev/null | sha1sum
              done >/tmp/digests.$$.$process &
            done
            wait
            cat /tmp/digests.$$.?
            rm -f /tmp/digests.$$.? /tmp/reads.$$
            """;
        CommandResult expected = Shell.RunBusybox(script, archive.Tree).Succeeded();
        CommandResult actual = guest.Machine.Run($"set -- /mnt/{name}\n{script}").Succeeded();
        Assert.Equal(60, expected.Text.Count(character => character == '\n'));
        Difference.Expect(expected, actual);
    }

    [SkippableFact]
    public void The_same_tree_as_zip_tar_and_gzipped_tar_compares_equal()
    {
        Skip.If(GuestSupport.Missing is not null, GuestSupport.Missing);
        CommandResult compared = guest.Machine.Run("""
            cd /mnt/linux.tar/linux-source-6.1/fs/fuse && for file in *; do
              cmp "$file" "/mnt/linux.zip/linux-source-6.1/fs/fuse/$file" && cmp "$file" "/mnt/linux.tar.gz/linux-source-6.1/fs/fuse/$file" || exit 1
            done
            diff -r /mnt/linux.zip/linux-source-6.1/include/uapi/linux /mnt/linux.tar.gz/linux-source-6.1/include/uapi/linux
            """);
        Assert.True(compared.Status == 0, compared.Text + compared.Error);
    }

    private static string Part(RealArchive archive) =>
        Path.GetFileName(archive.Path).StartsWith("linux.", StringComparison.Ordinal) ? "linux-source-6.1/fs/ext4" : ".";
}
