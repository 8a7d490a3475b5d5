using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary>What a driver author begins with, taken all the way: copied, renamed, built, loaded, mounted, read.</summary>
[Collection(ProgramCollection.Name)]
public sealed class DriverTemplateTests
{
    [SkippableFact]
    public void A_driver_from_the_template_builds_loads_and_mounts()
    {
        Skip.If(HostProcess.MountMissing is not null, HostProcess.MountMissing);
        using TemporaryFolder folder = new();
        CommandResult built = Shell.Run("""
            cp -r "$1" "$2/project" && cd "$2/project" && rm -rf bin obj .template.config
            for file in *; do sed -i 's/Hello/Weather/g; s/hello/weather/g' $file; mv $file $(echo $file | sed s/Hello/Weather/) 2>/dev/null; done
            dotnet build Weather.csproj -c Release -v quiet -nologo -p:KaleidofsPath="$3" -o "$2/drivers/weather" 2>&1
            """, Repository.At("templates/driver"), folder.Path, Repository.At("artifacts/kaleidofs"));
        Assert.True(built.Status == 0, built.Text);
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
