using System.Text;
using Kaleidofs;
using Kaleidofs.Trees;

[assembly: Driver("hello", typeof(Hello.HelloDriver), ContractVersion.Current, "hello",
    Description = "files with greetings, to begin a driver of your own with")]

namespace Hello;

/// <summary>Opens <c>hello:NAME</c>: a source that exists only in this program.</summary>
public sealed class HelloDriver : Driver
{
    /// <inheritdoc/>
    public override IReadOnlyList<DriverOption> Options { get; } =
    [
        new("greeting", "WORDS", "what to say (default Good day)"),
    ];

    /// <inheritdoc/>
    public override ValueTask<FileSystem> OpenAsync(DriverContext context, CancellationToken cancellationToken)
    {
        // What cannot be opened is a SourceException: one line that says what failed, and what to do.
        context.CheckOptions(Options);
        if (context.Source.Length == 0)
        {
            throw new SourceException("hello: it greets nobody; write hello:NAME") { IsUsageError = true };
        }
        string greeting = context.Options.GetValueOrDefault("greeting", "Good day");

        // The same source must give the same inode numbers in every process: the builder counts in order of addition.
        TreeNode directory = new() { Mode = 0b111_101_101 };
        TreeBuilder builder = new(directory);
        List<byte[]> contents = [[]];
        Add(builder, contents, "greeting.txt", $"{greeting}, {context.Source}!\n");
        Add(builder, contents, "about/source.txt", $"{context.Scheme}:{context.Source}\n");
        context.Log.Information($"greeting {context.Source}");
        return new(new HelloFileSystem(builder.Build(), contents, identity: $"hello {greeting} {context.Source}"));
    }

    private static void Add(TreeBuilder builder, List<byte[]> contents, string path, string text)
    {
        byte[] content = Encoding.UTF8.GetBytes(text);
        TreeNode file = new() { Mode = FileType.Regular | 0b110_100_100, Size = content.Length };
        if (builder.Add(Encoding.UTF8.GetBytes(path), file, out int entry) is not PathRefusal.None and var refusal)
        {
            throw new SourceException($"hello: {path}: {refusal}");
        }
        // Directories that no entry names have numbers, too, and no content.
        while (contents.Count < entry)
        {
            contents.Add([]);
        }
        contents.Add(content);
    }
}
