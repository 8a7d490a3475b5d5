using Kaleidofs.Tests.Vm.Archives;

namespace Kaleidofs.Tests.Vm.Mounts;

/// <summary>Archives of other programs, mounted through /dev/fuse, against what unzip and tar extract.</summary>
public sealed class RealArchivesMountedTests(Mounted mounted) : IClassFixture<Mounted>
{
    public static TheoryData<string, string> ArchivesAndTools => Tools.With(RealArchives.Names, Tools.OfThisMachine);

    public static TheoryData<string> Archives => [.. RealArchives.Names];

    [SkippableTheory]
    [MemberData(nameof(ArchivesAndTools))]
    public void A_tool_sees_the_same_as_in_an_extracted_copy(string name, string tool)
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        RealArchive archive = RealArchives.Get(name);
        string[] options = [archive.NamesDirectories ? "named" : "unnamed", Environment.UserName == "root" ? "owners" : "none"];
        CommandResult expected = Shell.Run(Tools.OfThisMachine[tool], [archive.Tree, .. options]).Succeeded();
        CommandResult actual = Shell.Run(Tools.OfThisMachine[tool], [mounted.At(name), .. options]).Succeeded();
        Assert.True(expected.Output.Length > 0);
        Difference.Expect(expected, actual);
    }

    [SkippableTheory]
    [MemberData(nameof(Archives))]
    public void Several_processes_read_at_random_offsets_at_once(string name)
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        RealArchive archive = RealArchives.Get(name);
        string[] reads = RandomReads.In(archive.Tree, seed: 1, count: 1000);
        // Four processes at once, each with its own share of the reads, and one that reads everything.
        CommandResult compared = Shell.Run("""
            cd "$1"; shift; copy=$1; shift
            find . -type f -print0 | head -z -n 2000 | xargs -0 cat >/dev/null & whole=$!
            printf '%s\0' "$@" | xargs -0 -n 3 -P 4 bash -c 'cmp -i "$1" -n "$2" -- "$3" "$0/$3"' "$copy"; status=$?
            wait $whole && exit $status
            """, [mounted.At(name), archive.Tree, .. reads]);
        Assert.True(compared.Status == 0, compared.Text + compared.Error);
    }
}
