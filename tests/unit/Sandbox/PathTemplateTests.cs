using Kaleidofs.Host.Sandbox;
using Kaleidofs.Tests.Unit.Host;

namespace Kaleidofs.Tests.Unit.Sandbox;

/// <summary>Changes the process's environment, so nothing else may run beside it.</summary>
[Collection(ProgramCollection.Name)]
public sealed class PathTemplateTests : IDisposable
{
    private static readonly string?[] Before = [Environment.GetEnvironmentVariable("HOME"), Environment.GetEnvironmentVariable("XDG_CACHE_HOME"), Environment.GetEnvironmentVariable("XDG_STATE_HOME")];

    public PathTemplateTests()
    {
        Environment.SetEnvironmentVariable("HOME", "/home/one");
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", null);
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", null);
        Environment.SetEnvironmentVariable("KALEIDOFS_TEST_PATHS", "/a/b:/c");
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("HOME", Before[0]);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", Before[1]);
        Environment.SetEnvironmentVariable("XDG_STATE_HOME", Before[2]);
        Environment.SetEnvironmentVariable("KALEIDOFS_TEST_PATHS", null);
    }

    [Theory]
    [InlineData("/etc/krb5.conf", "/etc/krb5.conf")]
    [InlineData("~/.aws", "/home/one/.aws")]
    [InlineData("$KALEIDOFS_TEST_PATHS", "/a/b /c")]
    [InlineData("$KALEIDOFS_TEST_NOTHING", "")]
    [InlineData("{source}", "/data/x.z01")]
    [InlineData("{source}/..", "/data")]
    [InlineData("{union}", "/one.zip /two.zip")]
    [InlineData("{password}", "")]
    [InlineData("{index|none|auto}", "")]
    [InlineData("{union|none|auto}", "/one.zip /two.zip")]
    [InlineData("{cache}", "/home/one/.cache/kaleidofs")]
    [InlineData("{state}/llm", "/home/one/.local/state/kaleidofs/llm")]
    [InlineData("relative", "")]
    public void A_declaration_names_paths(string template, string paths)
    {
        PathTemplate templates = new("/data/x.z01", new Dictionary<string, string> { ["union"] = "/one.zip:/two.zip", ["password"] = "", ["index"] = "none" });
        Assert.Equal(paths, string.Join(' ', templates.Expand(template)));
    }

    [Theory]
    [InlineData("x.zip", "{stem}.z##", "x.z01 x.z02")]
    [InlineData("x.zip", "{stem}.z###", "x.z100")]
    [InlineData("x.zip", "{stem}.###", "")]
    [InlineData("x.zip.001", "{stem}.###", "x.zip.001 x.zip.002")]
    [InlineData("x.zip", "{stem}.z####", "")]
    [InlineData("x.zip", "{stem}.#a", "")]
    public void Digits_name_only_files_that_are_there(string source, string template, string paths)
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("kaleidofs-test-");
        try
        {
            foreach (string name in new[] { "x.zip", "x.z01", "x.z02", "x.z04", "x.z100", "x.zz1", "y.z01", "x.zip.001", "x.zip.002", "x.zip.txt", "x.txt" })
            {
                File.WriteAllBytes(Path.Combine(directory.FullName, name), []);
            }
            PathTemplate templates = new(Path.Combine(directory.FullName, source), new Dictionary<string, string>());
            Assert.Equal(paths, string.Join(' ', templates.Expand(template).Select(Path.GetFileName)));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_source_without_a_path_names_none() => Assert.Empty(new PathTemplate(null, new Dictionary<string, string>()).Expand("{source}/.."));
}
