namespace Kaleidofs;

/// <summary>Declares an assembly as a driver. Read from the file before anything in it is loaded or run.</summary>
/// <param name="name">The driver's name, as <c>kaleidofs drivers</c> shows it.</param>
/// <param name="driver">The <see cref="Driver"/> subclass.</param>
/// <param name="contractVersion"><see cref="ContractVersion.Current"/>, compiled in: a host of another version refuses the assembly.</param>
/// <param name="schemes">The URI schemes that it opens, without the colon.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class DriverAttribute(string name, Type driver, int contractVersion, params string[] schemes) : Attribute
{
    /// <summary>The driver's name.</summary>
    public string Name { get; } = name;
    /// <summary>The <see cref="Kaleidofs.Driver"/> subclass.</summary>
    public Type Driver { get; } = driver;
    /// <summary>The contract that it was compiled against.</summary>
    public int ContractVersion { get; } = contractVersion;
    /// <summary>The URI schemes that it opens.</summary>
    public IReadOnlyList<string> Schemes { get; } = schemes;
    /// <summary>One line of description.</summary>
    public string Description { get; set; } = "";
    /// <summary>
    /// Whether the driver talks to other machines. The process of one that does not has no network at all, and reads the
    /// file or directory that the source names; one that does says so in <see cref="Reads"/> if it reads that, too.
    /// </summary>
    public bool Network { get; set; }
    /// <summary>
    /// The options that a driver with <see cref="Network"/> talks to other machines for: a share that has none of them gets no network.
    /// None: it always does.
    /// </summary>
    public string[] NetworkOptions { get; set; } = [];
    /// <summary>
    /// What the driver reads beside the path that the source names; the process may read nothing else. Each is a file,
    /// or a directory with what is beneath: <c>/etc/krb5.conf</c>; <c>~/.aws</c> in the user's home; <c>$VARIABLE</c>,
    /// what an environment variable names; <c>{option}</c>, what <c>-o option=</c> names; <c>{option|none|auto}</c>, the same
    /// unless it is one of these words; <c>{source}</c>, and <c>{source}/..</c> for the source's neighbours; <c>{stem}</c>, the
    /// source without the last extension of its name; and at the end of one in braces up to three <c>#</c> for as many digits,
    /// <c>{stem}.z##</c>, which name the files of these that are there. A value may name several, with colons between them.
    /// </summary>
    public string[] Reads { get; set; } = [];
    /// <summary>
    /// Directories that the driver writes to, in the same forms, or <c>{cache}</c>, the user's folder for what can be
    /// made again (<c>$XDG_CACHE_HOME/kaleidofs</c>), or <c>{state}</c>, the one for what is kept (<c>$XDG_STATE_HOME/kaleidofs</c>).
    /// They are made if they are not there.
    /// </summary>
    public string[] Writes { get; set; } = [];
    /// <summary>Whether the driver starts workers (<see cref="WorkerStarter"/>): only then may the process start any.</summary>
    public bool Workers { get; set; }
}
