namespace Kaleidofs.Tests.Vm.Archives;

/// <summary>The comparisons themselves: what cannot notice a difference proves nothing.</summary>
public sealed class ToolsTests
{
    public static TheoryData<string> OfThisMachine => [.. Tools.OfThisMachine.Keys];

    public static TheoryData<string> OfGuest => [.. Tools.OfGuest.Keys];

    [Theory]
    [MemberData(nameof(OfThisMachine))]
    public void A_tool_of_this_machine_notices_one_line_more(string tool) =>
        NoticesOneLineMore(tree => Shell.Run(Tools.OfThisMachine[tool], tree, "named", "owners"));

    [Theory]
    [MemberData(nameof(OfGuest))]
    public void A_tool_of_a_guest_notices_one_line_more(string tool) =>
        NoticesOneLineMore(tree => Shell.RunBusybox(Tools.OfGuest[tool], tree, "named", "owners", "."));

    private static void NoticesOneLineMore(Func<string, CommandResult> describe)
    {
        using var folder = new TemporaryFolder();
        folder.Write("one", "include the first\n");
        folder.Write("two", "include the second\n");
        byte[] before = describe(folder.Path).Succeeded().Output;
        Assert.Equal(before, describe(folder.Path).Succeeded().Output);
        File.AppendAllText(folder.At("two"), "include the third\n");
        Assert.NotEqual(before, describe(folder.Path).Succeeded().Output);
    }
}
