using Kaleidofs.Tests.Support;
using Kaleidofs.Tests.Unit.Host;

namespace Kaleidofs.Tests.Unit.Llm;

/// <summary><c>kaleidofs llm plan|spend|export</c>: what they say of a world, and that they add nothing to it.</summary>
[Collection(ProgramCollection.Name)]
public sealed class WorldCommandTests
{
    private static CommandResult Play(string script)
    {
        using TemporaryFolder folder = new();
        const string Preparation = """
            set -u; kaleidofs=$1; cd "$2"
            cat >world.toml <<'EOF'
            premise = "a lighthouse"
            [limits]
            depth = 2
            calls_per_hour = 10
            [[entry]]
            path = "etc/motd"
            text = "Mind the rocks.\n"
            EOF
            llm() { verb=$1; shift; "$kaleidofs" llm $verb llm:world.toml -o worlds=worlds "$@"; }

            """;
        return Shell.Run(Preparation + script, BuiltProgram.Program, folder.Path);
    }

    [Fact]
    public void A_plan_counts_what_is_there_and_what_is_left()
    {
        CommandResult result = Play("""
            llm plan | sed -n '1s/,.*//p'
            $kaleidofs ls llm:world.toml etc -o worlds=worlds >/dev/null; $kaleidofs cat llm:world.toml etc/motd -o worlds=worlds
            before=$(sha256sum worlds/*/journal); llm plan >plan; [ "$before" = "$(sha256sum worlds/*/journal)" ] && echo untouched
            directories=$($kaleidofs ls -l llm:world.toml -o worlds=worlds,frozen | grep -c ^d)
            grep -q "^there  *2 of $((directories + 1 + $($kaleidofs ls -l llm:world.toml etc -o worlds=worlds,frozen | grep -c ^d))) known directories listed" plan && echo counted
            grep -o '10 calls an hour' plan; sed -n 's/^reckoned from *\(2 listings\).*/\1/p' plan
            """);
        Assert.Equal("nothing is there yet\nMind the rocks.\nuntouched\ncounted\n10 calls an hour\n2 listings\n", result.Text);
    }

    [Fact]
    public void What_was_spent_is_what_the_journal_says()
    {
        CommandResult result = Play("""
            llm spend; echo "exit $?"
            $kaleidofs ls llm:world.toml -o worlds=worlds >/dev/null; file=$($kaleidofs ls -l llm:world.toml -o worlds=worlds | awk '/^-/ { print $NF; exit }')
            $kaleidofs cat llm:world.toml "$file" -o worlds=worlds >/dev/null
            llm spend | awk '/^listings|^contents|^in all/ { print $1, $(NF - 3) }'
            """);
        Assert.Equal("exit 1\nlistings 1\ncontents 1\nin 2\n", result.Text);
        Assert.Contains("there is no world in", result.Error);
    }

    [Fact]
    public void An_export_has_what_is_there_and_says_what_is_not()
    {
        CommandResult result = Play("""
            $kaleidofs cat llm:world.toml etc/motd -o worlds=worlds >/dev/null
            llm export 2>err | tar xf - --one-top-level=out; cat out/etc/motd
            grep -c 'files that nobody has read are left out' err
            find out -type f | wc -l
            before=$(sha256sum worlds/*/journal); llm export 2>/dev/null | sha256sum >a; llm export 2>/dev/null | sha256sum | cmp - a && [ "$before" = "$(sha256sum worlds/*/journal)" ] && echo same
            $kaleidofs llm export llm:other -o worlds=worlds; echo "exit $?"
            $kaleidofs llm export null: ; echo "exit $?"
            $kaleidofs llm export; echo "exit $?"
            """);
        Assert.Equal("Mind the rocks.\n1\n1\nsame\nexit 1\nexit 2\nexit 2\n", result.Text);
        Assert.Contains("kaleidofs llm export: Required argument missing", result.Error);
    }
}
