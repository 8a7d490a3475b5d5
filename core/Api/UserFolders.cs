namespace Kaleidofs;

/// <summary>Folders of the user who runs the process, as the XDG base directory specification has them.</summary>
public static class UserFolders
{
    /// <summary>For what can be made again: <c>$XDG_CACHE_HOME/kaleidofs</c>, or <c>~/.cache/kaleidofs</c>. Null if the environment has neither.</summary>
    public static string? Cache => Find("XDG_CACHE_HOME", ".cache");

    /// <summary>For what is to be kept: <c>$XDG_STATE_HOME/kaleidofs</c>, or <c>~/.local/state/kaleidofs</c>. Null if the environment has neither.</summary>
    public static string? State => Find("XDG_STATE_HOME", Path.Combine(".local", "state"));

    private static string? Find(string variable, string belowHome)
        => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } chosen && Path.IsPathRooted(chosen) ? Path.Combine(chosen, "kaleidofs")
        : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, belowHome, "kaleidofs")
        : null;
}
