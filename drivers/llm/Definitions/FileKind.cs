using System.IO.Enumeration;

namespace Kaleidofs.Drivers.Llm.Definitions;

/// <summary>Files whose names match a pattern, and what is asked for them.</summary>
/// <param name="Pattern">As a shell's: <c>*.log</c>.</param>
/// <param name="Form">What the content has to be.</param>
/// <param name="Prompt">What to write, beside what the file is about.</param>
internal sealed record FileKind(string Pattern, FileForm Form, string Prompt)
{
    private static readonly string[] Code =
        [".c", ".h", ".cpp", ".cc", ".cs", ".go", ".rs", ".py", ".pl", ".rb", ".js", ".ts", ".java", ".sh", ".sql", ".lua", ".php", ".css", ".html", ".htm", ".xml", ".s", ".asm", ".pas", ".bas"];

    public bool Matches(string name) => FileSystemName.MatchesSimpleExpression(Pattern, name, ignoreCase: true);

    /// <summary>What a name alone says.</summary>
    public static FileKind Of(string name)
    {
        string extension = Path.GetExtension(name).ToLowerInvariant();
        FileForm form = extension switch
        {
            ".csv" => FileForm.Csv,
            ".json" => FileForm.Json,
            ".svg" => FileForm.Svg,
            ".png" => FileForm.Png,
            _ => Code.Contains(extension) || name is "Makefile" ? FileForm.Code : FileForm.Text,
        };
        return new FileKind("*", form, "");
    }
}
