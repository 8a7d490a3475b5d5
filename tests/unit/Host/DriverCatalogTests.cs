using System.Runtime.Loader;
using Kaleidofs.Host.Loading;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Host;

[Collection(ProgramCollection.Name)]
public sealed class DriverCatalogTests
{
    [Fact]
    public void Scanning_loads_nothing_and_loading_makes_a_context_for_each_driver()
    {
        DriverCatalog catalog = DriverCatalog.Scan([BuiltProgram.Drivers]);
        Assert.Equal(["archive", "git", "llm", "null", "s3", "smb", "tar", "zip"], catalog.Schemes);
        Assert.Empty(catalog.Refused);
        DriverManifest manifest = catalog.Find("null")!;
        Assert.Equal(("null", ContractVersion.Current), (manifest.Name, manifest.ContractVersion));
        Assert.NotEmpty(manifest.Description);
        Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), assembly => !assembly.IsDynamic && assembly.Location == manifest.Path);

        Driver driver = catalog.Load(manifest);
        Assert.Same(driver, catalog.Load(manifest));
        AssemblyLoadContext context = AssemblyLoadContext.GetLoadContext(driver.GetType().Assembly)!;
        Assert.NotSame(AssemblyLoadContext.Default, context);
        Assert.Equal(manifest.Path, driver.GetType().Assembly.Location);
        Assert.NotSame(context, AssemblyLoadContext.GetLoadContext(catalog.Load(catalog.Find("zip")!).GetType().Assembly));
    }

    [Fact]
    public void A_driver_of_another_contract_is_refused_with_both_versions()
    {
        using TemporaryFolder folder = new();
        DriverAssembly.Write(folder.At("future/Future.dll"), "future", ContractVersion.Current + 41, "future");
        DriverCatalog catalog = DriverCatalog.Scan([folder.Path]);

        Assert.Empty(catalog.Manifests);
        RefusedDriver refused = Assert.Single(catalog.Refused);
        Assert.Contains($"contract version {ContractVersion.Current + 41}", refused.Reason);
        Assert.Contains($"this host has version {ContractVersion.Current}", refused.Reason);
        SourceException exception = Assert.Throws<SourceException>(() => SourceAddress.Resolve("future:x", catalog));
        Assert.Contains(refused.Reason, exception.Message);
    }

    [Fact]
    public void A_broken_assembly_hides_no_other_driver()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.At("a-broken"));
        File.WriteAllBytes(folder.At("a-broken/Broken.dll"), "MZ and nothing more"u8.ToArray());
        byte[] cut = File.ReadAllBytes(Path.Combine(BuiltProgram.Drivers, "null/Kaleidofs.Drivers.Null.dll"));
        File.WriteAllBytes(folder.At("a-broken/Cut.dll"), cut[..(cut.Length / 2)]);
        DriverAssembly.Write(folder.At("b/Good.dll"), "good", ContractVersion.Current, "good");
        DriverCatalog catalog = DriverCatalog.Scan([folder.Path]);

        Assert.Equal("good", Assert.Single(catalog.Manifests).Name);
        Assert.Contains(catalog.Refused, refused => refused.Path.EndsWith("Broken.dll", StringComparison.Ordinal));
    }

    [Fact]
    public void A_type_that_is_no_driver_is_one_clear_message()
    {
        using TemporaryFolder folder = new();
        DriverAssembly.Write(folder.At("x/X.dll"), "x", ContractVersion.Current, "xx");
        DriverCatalog catalog = DriverCatalog.Scan([folder.Path]);
        SourceException exception = Assert.Throws<SourceException>(() => catalog.Load(catalog.Find("xx")!));
        Assert.Contains("Other.NoDriver is not a Kaleidofs.Driver", exception.Message);
    }

    [Fact]
    public void The_first_directory_gets_a_scheme_that_two_drivers_want()
    {
        using TemporaryFolder folder = new();
        DriverAssembly.Write(folder.At("mine/Mine.dll"), "mine", ContractVersion.Current, "null");
        DriverCatalog catalog = DriverCatalog.Scan([folder.Path, BuiltProgram.Drivers]);
        Assert.Equal("mine", catalog.Find("null")!.Name);
        Assert.Contains("belong to", Assert.Single(catalog.Refused).Reason);
    }

    [Fact]
    public void A_directory_that_is_not_there_is_bad_usage()
        => Assert.True(Assert.Throws<SourceException>(() => DriverCatalog.Scan(["/nonexistent"])).IsUsageError);
}
