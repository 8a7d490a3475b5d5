using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Architecture;

/// <summary>What driver authors compile against changes only where a reviewer sees it.</summary>
public sealed class PublicSurfaceTests
{
    private const string Rewrite = "KALEIDOFS_WRITE_API";

    private static string File => Repository.At("tests/unit/Architecture/core-api.txt");

    [Fact]
    public void The_public_surface_of_core_is_what_the_file_says()
    {
        string surface = PublicSurface.Of(typeof(FileSystem).Assembly);
        if (Environment.GetEnvironmentVariable(Rewrite) is not null)
        {
            System.IO.File.WriteAllText(File, surface);
        }
        string expected = System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File) : "";
        string[] added = [.. surface.Split('\n').Except(expected.Split('\n'))];
        string[] removed = [.. expected.Split('\n').Except(surface.Split('\n'))];
        Assert.True(surface == expected,
            $"core's public surface changed; if that is meant, run this test with {Rewrite}=1 and commit core-api.txt (and raise ContractVersion if older drivers break)\n"
            + string.Join('\n', added.Select(line => "+" + line).Concat(removed.Select(line => "-" + line))));
    }
}
