using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary>What a driver author begins with, taken all the way: made by <c>dotnet new</c>, built, loaded, mounted, read.</summary>
[Collection(ProgramCollection.Name)]
public sealed class DriverTemplateTests
{
    [SkippableFact]
    public void A_driver_from_the_template_builds_loads_and_mounts()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using TemporaryFolder folder = new();
        // With a home of its own: what is installed there is gone with it.
        CommandResult built = Shell.Run("""
            export DOTNET_CLI_HOME="$2/home" DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
            export NUGET_PACKAGES="${NUGET_PACKAGES:-$HOME/.nuget/packages}"
            dotnet new install "$1" && dotnet new kaleidofs-driver -n Weather -o "$2/project" --kaleidofs "$3" &&
            dotnet build "$2/project" -c Release -v quiet -nologo -o "$2/drivers/weather" 2>&1
            """, Repository.At("templates/driver"), folder.Path, Repository.At("artifacts/kaleidofs"));
        Assert.True(built.Status == 0, built.Text + built.Error);
        Assert.False(File.Exists(folder.At("drivers/weather/Kaleidofs.Core.dll")), "the contract is the host's own");

        string[] path = ["--driver-path", folder.At("drivers")];
        Assert.Contains("weather: ", BuiltProgram.Run(["drivers", .. path]).Succeeded().Text);
        Assert.Equal("about\ngreeting.txt\n", BuiltProgram.Run(["ls", "weather:Oslo", .. path]).Succeeded().Text);
        Assert.Equal(2, BuiltProgram.Run(["ls", "weather:", .. path]).Status);

        using HostProcess host = HostProcess.Mount("weather:Oslo", [.. path, "-o", "greeting=Sunny"]);
        Assert.Equal("Sunny, Oslo!\n", File.ReadAllText(Path.Combine(host.Place, "greeting.txt")));
        Assert.Equal("weather:Oslo\n", File.ReadAllText(Path.Combine(host.Place, "about/source.txt")));
        Assert.Equal(0, host.Stop());
    }
}
