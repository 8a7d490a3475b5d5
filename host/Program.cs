return await Kaleidofs.Host.Cli.CommandLineApplication.RunAsync(args).ConfigureAwait(false);
