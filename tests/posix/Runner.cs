namespace Kaleidofs.Tests.Posix;

/// <summary>Runs cases one after the other and says of each 'ok NAME' or 'not ok NAME: why'.</summary>
internal static class Runner
{
    public static int Run(string root, IReadOnlyCollection<string> names)
    {
        var tree = new Tree(root);
        int failed = 0;
        foreach ((string name, Action<Tree> body) in PosixCases.All)
        {
            if (names.Count > 0 && !names.Contains(name))
                continue;
            string? reason = Try(body, tree);
            Console.WriteLine(reason is null ? $"ok {name}" : $"not ok {name}: {reason}");
            failed += reason is null ? 0 : 1;
        }
        return failed == 0 ? 0 : 1;
    }

    private static string? Try(Action<Tree> body, Tree tree)
    {
        try
        {
            body(tree);
            return null;
        }
        catch (CheckFailedException failure)
        {
            return failure.Message.ReplaceLineEndings(" ");
        }
        catch (Exception failure)
        {
            return failure.ToString().ReplaceLineEndings(" ");
        }
    }
}
