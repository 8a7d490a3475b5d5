using Kaleidofs.Tests.Vm.Repositories;

namespace Kaleidofs.Tests.Vm.Mounts;

/// <summary>A program is built from a mounted commit, into another directory.</summary>
public sealed class BuildFromCommitTests
{
    [SkippableFact]
    public void Make_builds_from_a_mounted_commit()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        Skip.If(CheckedOutRepository.Missing is not null, CheckedOutRepository.Missing);
        Skip.If(Shell.Run("command -v make && command -v cc").Status != 0, "there is no make or no C compiler");
        using CheckedOutRepository repository = new();
        using TemporaryFolder output = new();
        using HostProcess refs = HostProcess.Mount($"git:{repository.Path}");
        const string Build = """
            set -e; mkdir -p "$2" && cd "$2"
            make -s -f "$1/program/Makefile" SOURCE="$1/program" && ./program
            """;
        foreach (string place in (string[])["tags/v1", "branches/main"])
            Assert.Equal($"from {Path.GetFileName(place)}\n", Shell.Run(Build, Path.Combine(refs.Place, place), output.At(Path.GetFileName(place))).Succeeded().Text);
        Assert.Equal(0, refs.Stop());
    }
}
