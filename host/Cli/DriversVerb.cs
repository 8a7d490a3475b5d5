using System.CommandLine;
using Kaleidofs.Host.Loading;
using Kaleidofs.Host.Serving;

namespace Kaleidofs.Host.Cli;

/// <summary><c>kaleidofs drivers</c>.</summary>
internal sealed class DriversVerb : Verb
{
    private readonly ShareOptions _share = new();

    public DriversVerb() : base("drivers", "List the drivers, their schemes and their options.",
        "kaleidofs drivers\nkaleidofs drivers --driver-path ~/my-drivers")
    {
        _share.AddDriverPathTo(this);
        SetAction(Run);
    }

    private int Run(ParseResult result)
    {
        TextWriter output = result.InvocationConfiguration.Output;
        DriverCatalog drivers = _share.ReadDrivers(result);
        int exitCode = ExitCode.Success;
        foreach (DriverManifest manifest in drivers.Manifests)
        {
            output.WriteLine($"{manifest.Name}: {manifest.Description}");
            output.WriteLine($"  schemes  {string.Join(", ", manifest.Schemes.Select(scheme => scheme + ":"))}");
            output.WriteLine($"  path     {manifest.Path}");
            try
            {
                Driver driver = drivers.Load(manifest);
                WriteOptions(output, "options", driver.Options);
                foreach (DriverCommand command in driver.Commands)
                {
                    output.WriteLine($"  command  kaleidofs {manifest.Name} {command.Name,-10} {command.Description}");
                }
            }
            catch (SourceException exception)
            {
                output.WriteLine($"  error    {exception.Message}");
                exitCode = ExitCode.Failure;
            }
        }
        foreach (RefusedDriver refused in drivers.Refused)
        {
            output.WriteLine($"refused: {refused.Path}");
            output.WriteLine($"  reason   {refused.Reason}");
        }
        output.WriteLine("every driver:");
        WriteOptions(output, "options", HostOptions.Known);
        return exitCode;
    }

    private static void WriteOptions(TextWriter output, string title, IReadOnlyList<DriverOption> options)
    {
        for (int i = 0; i < options.Count; i++)
        {
            DriverOption option = options[i];
            string form = option.Value.Length > 0 ? $"{option.Name}={option.Value}" : option.Name;
            output.WriteLine($"  {(i == 0 ? title : ""),-8} -o {form,-20} {option.Description}");
        }
    }
}
