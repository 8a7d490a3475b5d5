using Kaleidofs.Drivers.Git;

namespace Kaleidofs.Tests.Unit.Git;

/// <summary>Config files are read as git reads them.</summary>
public sealed class ConfigTextTests
{
    [Fact]
    public void What_git_config_lists_is_read()
    {
        using TestRepository repository = new("""
            cat >config <<'END'
            # a comment
            [Core] Bare = false ; behind it
              flag
              text = "with # and ; and  blanks  "  # not this
              joined = one \
              two
              escaped = a\tb\"c\\d
              mixed = in "the  middle" of
            [submodule "Name with \"quotes\" and ] and \\"]
            	path = deps/a
            	empty =
            END
            """);
        string[] told = repository.Run("git config --file config --list -z").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        string[] read = [.. ConfigText.Parse(File.ReadAllText(Path.Combine(repository.Path, "config")))
            .Select(entry => $"{entry.Section}{(entry.Subsection is null ? "" : "." + entry.Subsection)}.{entry.Key}\n{entry.Value}")];
        Assert.Equal(told.Select(line => line == "core.flag" ? "core.flag\ntrue" : line), read);
    }
}
