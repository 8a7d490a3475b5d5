using System.Globalization;
using System.Text;
using System.Text.Json;
using Kaleidofs.Drivers.Llm.Authors;
using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Pictures;

namespace Kaleidofs.Drivers.Llm.Embedded;

/// <summary>Contents of the embedded generator.</summary>
internal static class EmbeddedContent
{
    public static byte[] Write(ContentRequest request)
    {
        Draw draw = new("write", request.World.Identity, request.Surroundings.Path, request.Wish, request.Generation.ToString(CultureInfo.InvariantCulture));
        if (request.Kind.Form == FileForm.Png)
        {
            return Paint(draw).Encode();
        }
        string text = request.Kind.Form switch
        {
            FileForm.Csv => WriteTable(draw),
            FileForm.Json => WriteObject(request, draw),
            FileForm.Svg => WriteDrawing(request, draw),
            FileForm.Code => WriteCode(request, draw),
            _ => IsReadMe(request.Name) ? WriteReadMe(request, draw)
                : request.Name.EndsWith(".log", StringComparison.OrdinalIgnoreCase) ? WriteLog(draw)
                : WriteProse(request, draw),
        };
        return Encoding.UTF8.GetBytes(text);
    }

    private static bool IsReadMe(string name) => name.StartsWith("README", StringComparison.OrdinalIgnoreCase);

    private static string WriteReadMe(ContentRequest request, Draw draw)
    {
        StringBuilder text = new();
        string directory = request.Surroundings.Ancestors is [.., var parent] ? parent.Path : "/";
        Line(text, $"# {(directory == "/" ? request.World.Premise : directory)}");
        Line(text);
        AddWish(text, request);
        Line(text, Sentence(draw) + " " + Sentence(draw));
        Line(text);
        Line(text, "## What is here");
        foreach (SiblingView sibling in request.Surroundings.Siblings)
        {
            Line(text, $"- {sibling.Name}{(sibling.IsDirectory ? "/" : "")}: {sibling.About}");
        }
        return text.ToString();
    }

    private static string WriteProse(ContentRequest request, Draw draw)
    {
        StringBuilder text = new();
        Line(text, Path.GetFileNameWithoutExtension(request.Name));
        Line(text, new string('=', Path.GetFileNameWithoutExtension(request.Name).Length));
        Line(text);
        AddWish(text, request);
        if (request.About.Length > 0)
        {
            Line(text, $"({request.About})");
            Line(text);
        }
        for (int paragraph = draw.Next(2, 6); paragraph > 0; paragraph--)
        {
            Line(text, string.Join(' ', Enumerable.Range(0, draw.Next(2, 5)).Select(_ => Sentence(draw))));
            Line(text);
        }
        Line(text, $"-- {draw.Pick(Lexicon.People)}");
        return text.ToString();
    }

    private static string WriteLog(Draw draw)
    {
        StringBuilder text = new();
        DateTimeOffset time = new(1998, draw.Next(1, 12), draw.Next(1, 28), 0, 0, 0, TimeSpan.Zero);
        for (int line = draw.Next(20, 60); line > 0; line--)
        {
            time = time.AddSeconds(draw.Next(5, 4000));
            Line(text, $"{time:yyyy-MM-dd HH:mm:ss} {draw.Pick((string[])["info", "info", "info", "warning", "error"])} {draw.Pick(Lexicon.Nouns)}[{draw.Next(100, 9999)}]: {Sentence(draw)}");
        }
        return text.ToString();
    }

    private static string WriteTable(Draw draw)
    {
        StringBuilder text = new();
        Line(text, "id,name,item,quantity,date");
        for (int row = 1, rows = draw.Next(8, 40); row <= rows; row++)
        {
            Line(text, string.Create(CultureInfo.InvariantCulture, $"{row},{draw.Pick(Lexicon.People)},{draw.Pick(Lexicon.Nouns)},{draw.Next(1, 500)},{draw.Next(1995, 2024)}-{draw.Next(1, 12):D2}-{draw.Next(1, 28):D2}"));
        }
        return text.ToString();
    }

    private static string WriteObject(ContentRequest request, Draw draw)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("name", Path.GetFileNameWithoutExtension(request.Name));
            json.WriteString("about", request.Wish.Length > 0 ? request.Wish : request.About);
            json.WriteString("owner", draw.Pick(Lexicon.People));
            json.WriteNumber("version", draw.Next(1, 9));
            json.WriteStartArray("items");
            foreach (string noun in draw.PickSome(Lexicon.Nouns, draw.Next(2, 7)))
            {
                json.WriteStartObject();
                json.WriteString("id", noun);
                json.WriteNumber("weight", draw.Next(1, 1000));
                json.WriteBoolean("enabled", draw.Chance(70));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static string WriteDrawing(ContentRequest request, Draw draw)
    {
        StringBuilder text = new();
        Line(text, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"320\" height=\"200\">");
        Line(text, $"  <title>{System.Security.SecurityElement.Escape(request.Name)}</title>");
        Line(text, "  <rect width=\"320\" height=\"200\" fill=\"#f4f1e8\"/>");
        for (int shape = draw.Next(3, 9); shape > 0; shape--)
        {
            Line(text, string.Create(CultureInfo.InvariantCulture, $"  <circle cx=\"{draw.Next(0, 320)}\" cy=\"{draw.Next(0, 200)}\" r=\"{draw.Next(5, 60)}\" fill=\"#{draw.Next(0, 0xFFFFFF):x6}\" fill-opacity=\"0.6\"/>"));
        }
        Line(text, "</svg>");
        return text.ToString();
    }

    private static string WriteCode(ContentRequest request, Draw draw)
    {
        StringBuilder text = new();
        string noun = draw.Pick(Lexicon.Nouns);
        string other = draw.Pick(Lexicon.Nouns);
        string about = request.Wish.Length > 0 ? request.Wish : request.About;
        about = about.ReplaceLineEndings(" ");
        switch (Path.GetExtension(request.Name).ToLowerInvariant())
        {
            case ".py":
                Line(text, $"\"\"\"{about.Replace("\"\"\"", "'''", StringComparison.Ordinal)}.\"\"\"");
                Line(text);
                Line(text, $"def {noun}_of({other}, limit={draw.Next(2, 64)}):");
                Line(text, $"    return [item for item in {other} if len(item) < limit]");
                Line(text);
                Line(text, "if __name__ == \"__main__\":");
                Line(text, $"    print({noun}_of([\"{draw.Pick(Lexicon.Nouns)}\", \"{draw.Pick(Lexicon.Nouns)}\"]))");
                break;
            case ".sh":
                Line(text, "#!/bin/sh");
                Line(text, $"# {about}");
                Line(text, "set -eu");
                Line(text, $"for {noun} in \"$@\"; do");
                Line(text, $"  printf '%s\\n' \"{other}: ${noun}\"");
                Line(text, "done");
                break;
            default:
                Line(text, $"/* {about.Replace("*/", "* /", StringComparison.Ordinal)} */");
                Line(text, "#include <stdio.h>");
                Line(text);
                Line(text, $"static int {noun}_count(int {other})");
                Line(text, "{");
                Line(text, $"    return {other} * {draw.Next(2, 99)};");
                Line(text, "}");
                Line(text);
                Line(text, "int main(void)");
                Line(text, "{");
                Line(text, $"    printf(\"%d\\n\", {noun}_count({draw.Next(1, 99)}));");
                Line(text, "    return 0;");
                Line(text, "}");
                break;
        }
        return text.ToString();
    }

    private static Picture Paint(Draw draw)
    {
        Picture picture = new(160, 100, (uint)draw.Next(0x808080, 0xFFFFFF));
        for (int shape = draw.Next(3, 8); shape > 0; shape--)
        {
            uint colour = (uint)draw.Next(0, 0xFFFFFF);
            if (draw.Chance(50))
            {
                picture.FillCircle(draw.Next(0, 160), draw.Next(0, 100), draw.Next(4, 40), colour);
            }
            else
            {
                picture.FillRectangle(draw.Next(0, 160), draw.Next(0, 100), draw.Next(4, 80), draw.Next(4, 60), colour);
            }
        }
        return picture;
    }

    private static void AddWish(StringBuilder text, ContentRequest request)
    {
        if (request.Wish.Length > 0)
        {
            Line(text, $"As asked: {request.Wish}");
            Line(text);
        }
    }

    private static string Sentence(Draw draw)
    {
        string sentence = $"{draw.Pick(Lexicon.Subjects)} {draw.Pick(Lexicon.Verbs)} {draw.Pick(Lexicon.Objects)}.";
        return char.ToUpperInvariant(sentence[0]) + sentence[1..];
    }

    private static void Line(StringBuilder text, string line = "") => text.Append(line).Append('\n');
}
