using System.Text;

namespace Kaleidofs.Tests.Support;

/// <summary>What a command left: here or in a guest.</summary>
/// <param name="Status">Its exit status.</param>
/// <param name="Output">Standard output, byte by byte: names need not be UTF-8.</param>
/// <param name="Error">Standard error.</param>
public sealed record CommandResult(int Status, byte[] Output, string Error)
{
    /// <summary>The output with each byte as one character, so that nothing is lost or merged.</summary>
    public string Text => Encoding.Latin1.GetString(Output);

    /// <summary>This, if the command succeeded.</summary>
    public CommandResult Succeeded() =>
        Status == 0 ? this : throw new InvalidOperationException($"exit status {Status}\n{Tail(Error)}\n{Tail(Text)}");

    private static string Tail(string text) => text.Length <= 2000 ? text : "..." + text[^2000..];
}
