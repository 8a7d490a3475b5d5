using System.CommandLine;
using System.Text;

namespace Kaleidofs.Host.Cli;

/// <summary>A verb that looks into a source: it opens it, finds a path, and writes to the standard output.</summary>
internal abstract class ViewVerb : Verb
{
    private readonly Argument<string> _path = new("PATH") { Description = "a path inside the source; its root if absent" };

    private bool _hasFailed;

    protected ViewVerb(string name, string description, string examples) : base(name, description, examples)
    {
        Share.AddTo(this);
        _path.Arity = ArgumentArity.ZeroOrOne;
        Add(_path);
        SetAction(RunAsync);
    }

    /// <summary>The source and its options.</summary>
    protected ShareOptions Share { get; } = new();

    /// <summary>Whether a link that the path ends with is followed.</summary>
    protected virtual bool FollowsLast => true;

    /// <summary>Does the verb's work on what the path led to.</summary>
    /// <param name="view">The source.</param>
    /// <param name="path">The path as given, without slashes at its ends.</param>
    /// <param name="attributes">What it leads to.</param>
    /// <param name="output">Where to write.</param>
    /// <param name="result">The command line.</param>
    protected abstract Task ShowAsync(SourceView view, byte[] path, Attributes attributes, StandardOutput output, ParseResult result);

    /// <summary>Says what failed on one entry, and goes on: the exit code will be 1.</summary>
    protected void Report(StandardOutput output, ReadOnlySpan<byte> path, Errno errno)
    {
        output.Stream.Flush();
        Console.Error.WriteLine($"kaleidofs: cannot {Name}: {Encoding.UTF8.GetString(path.IsEmpty ? "/"u8 : path)}: {errno.Describe()}");
        _hasFailed = true;
    }

    private async Task<int> RunAsync(ParseResult result)
    {
        byte[] path = Encoding.UTF8.GetBytes((result.GetValue(_path) ?? "").Trim('/'));
        SourceView view = await SourceView.OpenAsync(Share, result).ConfigureAwait(false);
        await using (view.ConfigureAwait(false))
        {
            using StandardOutput output = new();
            Result<Attributes> found = await view.ResolveAsync(path, FollowsLast).ConfigureAwait(false);
            if (found.IsOk)
            {
                await ShowAsync(view, path, found.Value, output, result).ConfigureAwait(false);
            }
            else
            {
                Report(output, path, found.Errno);
            }
        }
        return _hasFailed ? ExitCode.Failure : ExitCode.Success;
    }
}
