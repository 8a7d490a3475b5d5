using Kaleidofs.Drivers.Llm.Chat;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Llm;

/// <summary>What users write, and what models put around their answers.</summary>
public sealed class DefinitionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("style = \"dry\"", "'premise' is missing")]
    [InlineData("premise = \"x\"\ndepht = 3", "'depht' is not known")]
    [InlineData("premise = \"x\"\n[limits]\ncals = 3", "'limits.cals' is not known")]
    [InlineData("premise = \"x\"\n[limits]\ndepth = \"deep\"", "'limits.depth' is not a whole number")]
    [InlineData("premise = \"x\"\n[limits]\ndepth = 1000", "'limits.depth' is not a whole number")]
    [InlineData("premise = 3", "'premise' is not a text")]
    [InlineData("premise = \"x\"\n[[entry]]\ntext = \"a\"", "has no 'path'")]
    [InlineData("premise = \"x\"\n[[entry]]\npath = \"a/../b\"", "a name that no file can have")]
    [InlineData("premise = \"x\"\n[[entry]]\npath = \"a\"\n[[entry]]\npath = \"/a\"", "stands there twice")]
    [InlineData("premise = \"x\"\n[[entry]]\npath = \"a\"\n[[entry]]\npath = \"a/b\"", "another entry is in it")]
    [InlineData("premise = \"x\"\n[[kind]]\npattern = \"*\"\ntype = \"exe\"", "type 'exe' is not known")]
    [InlineData("premise = ", "cannot read")]
    public async Task A_mistake_in_world_toml_is_named(string text, string message)
    {
        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => OpenedWorld.OpenAsync(_folder.Path, _folder.Write("world.toml", text)));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains("world.toml", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "says nothing")]
    [InlineData("/not/there.toml", "", "cannot read")]
    [InlineData("x", "provider=other", "write embedded, openai or anthropic")]
    [InlineData("x", "endpoint=localhost", "not a URL")]
    [InlineData("x", "depth=-1", "not a whole number")]
    [InlineData("x", "premise=y", "unknown option")]
    [InlineData("x", "provider=openai", "needs a")]
    [InlineData("x", "key-file=/not/there", "")]
    public async Task A_mistyped_source_or_option_is_named(string source, string option, string message)
    {
        if (message.Length == 0)
        {
            // A key that nobody needs is not read.
            await using OpenedWorld world = await OpenedWorld.OpenAsync(_folder.Path, source, options: option);
            return;
        }
        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => OpenedWorld.OpenAsync(_folder.Path, source, options: option.Length > 0 ? [option] : []));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData("plain\ntext", "plain\ntext")]
    [InlineData("```\nfenced\n```", "fenced\n")]
    [InlineData("\n```python\nprint()\n```\n", "print()\n")]
    [InlineData("text\n```\nwithin\n```\n", "text\n```\nwithin\n```\n")]
    [InlineData("```c\na\n```\nb\n```\n", "a\n```\nb\n")]
    [InlineData("``", "``")]
    [InlineData("``` is a fence", "``` is a fence")]
    [InlineData("```\nno end", "no end")]
    [InlineData("", "")]
    public void A_fence_around_an_answer_is_taken_away(string answer, string file)
    {
        Assert.Equal(file, FenceStripper.Strip(answer));
        FenceStripper stripper = new();
        Assert.Equal(file, string.Concat(answer.Select(character => stripper.Add(character.ToString()))) + stripper.End());
    }
}
