using System.Globalization;
using Kaleidofs.Host.DevFuse.Uring;

namespace Kaleidofs.Host.Serving;

/// <summary>The <c>-o</c> options that the host takes for itself; the driver gets the rest.</summary>
internal sealed record HostOptions
{
    /// <summary>What the host takes, for the help and <c>kaleidofs drivers</c>.</summary>
    public static readonly IReadOnlyList<DriverOption> Known =
    [
        new("uid", "ID", "owner of everything, for sources that know none"),
        new("gid", "ID", "group of everything"),
        new("mode", "OCTAL", "permission bits of every file"),
        new("dmode", "OCTAL", "permission bits of every directory"),
        new("overlay", "DIR", "keep what is written in this directory, and leave the source as it is"),
        new("ro", "", "read-only, as --readonly"),
        new("threads", "N", "threads of a mount on this machine (default: processors, at most 4)"),
        new("io_uring", "on|off|auto", "whether a mount on this machine is served over io_uring (default auto: if the kernel has it)"),
        new("poll", "MICROSECONDS", "how long a virtual machine's queue is polled before its thread sleeps (default 0)"),
        new("in-order", "on|off", "whether a virtual machine is offered answers in the order of its requests, slow ones too (default no)"),
        new("allow_other", "on|off", "whether other users may enter a mount on this machine (default: if root mounts)"),
    ];

    public uint? UserId { get; private init; }
    public uint? GroupId { get; private init; }
    public uint? Mode { get; private init; }
    public uint? DirectoryMode { get; private init; }
    public string? Overlay { get; private init; }
    public bool IsReadOnly { get; private init; }
    public int? Threads { get; private init; }
    public IoUringMode IoUring { get; private init; }
    public int? PollMicroseconds { get; private init; }
    public bool OffersInOrder { get; private init; }
    public bool? AllowOther { get; private init; }

    /// <summary>Whether owner, group or permissions are not the source's own.</summary>
    public bool ChangesOwnership => (UserId ?? GroupId ?? Mode ?? DirectoryMode) is not null;

    /// <summary>What is left for the driver.</summary>
    public required IReadOnlyDictionary<string, string> DriverOptions { get; init; }

    /// <summary>Takes the host's options out of all.</summary>
    /// <exception cref="SourceException">A value does not mean anything.</exception>
    public static HostOptions Split(IReadOnlyDictionary<string, string> options)
    {
        Dictionary<string, string> rest = new(StringComparer.Ordinal);
        HostOptions result = new() { DriverOptions = rest };
        foreach ((string name, string value) in options)
        {
            switch (name)
            {
                case "uid":
                    result = result with { UserId = ParseId(name, value) };
                    break;
                case "gid":
                    result = result with { GroupId = ParseId(name, value) };
                    break;
                case "mode":
                    result = result with { Mode = ParseMode(name, value) };
                    break;
                case "dmode":
                    result = result with { DirectoryMode = ParseMode(name, value) };
                    break;
                case "overlay":
                    result = result with { Overlay = value.Length > 0 ? Path.GetFullPath(value) : throw Invalid(name, value, "a directory") };
                    break;
                case "ro":
                    result = result with { IsReadOnly = ParseSwitch(name, value) };
                    break;
                case "threads":
                    result = result with { Threads = ParseNumber(name, value, 1, 64) };
                    break;
                case "io_uring":
                    result = result with { IoUring = ParseIoUring(name, value) };
                    break;
                case "poll":
                    result = result with { PollMicroseconds = ParseNumber(name, value, 0, 1_000_000) };
                    break;
                case "in-order":
                    result = result with { OffersInOrder = ParseSwitch(name, value) };
                    break;
                case "allow_other":
                    result = result with { AllowOther = ParseSwitch(name, value) };
                    break;
                default:
                    rest.Add(name, value);
                    break;
            }
        }
        return result;
    }

    private static uint ParseId(string name, string value)
        => uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) && id != uint.MaxValue
            ? id
            : throw Invalid(name, value, "a number from 0 to 4294967294");

    private static uint ParseMode(string name, string value)
    {
        uint mode = 0;
        foreach (char digit in value)
        {
            if (digit is < '0' or > '7' || mode > 0xFFF >> 3)
            {
                throw Invalid(name, value, "octal permission bits, as 0644");
            }
            mode = (mode << 3) | (uint)(digit - '0');
        }
        return value.Length > 0 ? mode : throw Invalid(name, value, "octal permission bits, as 0644");
    }

    private static bool ParseSwitch(string name, string value) => value switch
    {
        "" or "on" or "yes" or "true" or "1" => true,
        "off" or "no" or "false" or "0" => false,
        _ => throw Invalid(name, value, "on or off"),
    };

    private static IoUringMode ParseIoUring(string name, string value) => value switch
    {
        "auto" => IoUringMode.Auto,
        "" or "on" or "yes" or "true" or "1" => IoUringMode.On,
        "off" or "no" or "false" or "0" => IoUringMode.Off,
        _ => throw Invalid(name, value, "on, off or auto"),
    };

    private static int ParseNumber(string name, string value, int lowest, int highest)
        => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= lowest && number <= highest
            ? number
            : throw Invalid(name, value, $"a number from {lowest} to {highest}");

    private static SourceException Invalid(string name, string value, string wanted)
        => new($"invalid option {name}={value}: it takes {wanted}") { IsUsageError = true };
}
