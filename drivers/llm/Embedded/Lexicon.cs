namespace Kaleidofs.Drivers.Llm.Embedded;

/// <summary>The words that the embedded generator has.</summary>
internal static class Lexicon
{
    public static readonly Theme Archive = new(
        ["pub", "incoming", "mirrors", "docs", "src", "games", "utils", "sound", "graphics", "mail", "news", "network", "editors", "languages", "math", "printers"],
        ["faq.txt", "INDEX.txt", "00-index.txt", "ls-lR.txt", "upload-rules.txt", "mirror.log", "welcome.msg", "contrib.txt", "transfer.log", "sites.csv", "map.png", "install.sh"]);

    public static readonly Theme Company = new(
        ["finance", "people", "projects", "marketing", "legal", "it", "sales", "archive", "meetings", "templates", "research", "support"],
        ["minutes.md", "roadmap.md", "budget.csv", "contacts.csv", "policy.txt", "onboarding.md", "settings.json", "inventory.csv", "org-chart.svg", "logo.png", "report.txt", "backup.sh"]);

    public static readonly Theme Software = new(
        ["src", "docs", "tests", "tools", "examples", "data", "config", "scripts", "assets", "benchmarks", "include", "vendor"],
        ["main.c", "parser.py", "config.json", "CHANGELOG.md", "todo.txt", "build.sh", "results.csv", "util.py", "server.c", "schema.json", "notes.md", "logo.svg", "icon.png", "build.log"]);

    public static readonly Theme Home = new(
        ["letters", "recipes", "photos", "music", "garden", "travel", "school", "diary", "stories", "taxes", "maps", "drafts"],
        ["diary.txt", "shopping.txt", "recipes.md", "addresses.csv", "letter.txt", "ideas.md", "budget.csv", "playlist.json", "sketch.svg", "holiday.png", "poem.txt", "plan.md"]);

    public static readonly IReadOnlyList<string> Subjects =
        ["the archive", "the old index", "the north wing", "our second server", "the spring catalogue", "the committee", "the new parser", "the harbour office", "the reading room", "the weekly summary", "the mirror", "the first draft"];

    public static readonly IReadOnlyList<string> Verbs =
        ["was moved to", "depends on", "is older than", "was checked against", "replaces", "should be read before", "was copied from", "agrees with", "is kept beside", "waits for"];

    public static readonly IReadOnlyList<string> Objects =
        ["the previous edition", "the list of names", "a smaller machine", "the notes of last winter", "the printed version", "what was agreed in May", "the table of measurements", "the backup tapes", "the original sources", "the visitors' book"];

    public static readonly IReadOnlyList<string> People =
        ["Ada Brandt", "Luis Ferro", "Mina Okafor", "Jonas Weil", "Priya Nair", "Tomas Havel", "Ines Costa", "Erik Lund", "Sara Haddad", "Yuki Mori"];

    public static readonly IReadOnlyList<string> Nouns =
        ["lantern", "harbour", "ledger", "orchard", "signal", "copper", "meadow", "engine", "letter", "bridge", "window", "mirror", "valley", "compass", "quarry", "beacon"];

    public static readonly IReadOnlyList<string> Abouts =
        ["kept up to date by {0}", "notes on the {1}", "the {1} series, collected by {0}", "what is known of the {1}", "drafts for the {1}", "sent in by {0}", "an overview of the {1}"];

    /// <summary>The theme that a premise asks for.</summary>
    public static Theme Choose(string premise)
    {
        bool Has(params ReadOnlySpan<string> words)
        {
            foreach (string word in words)
            {
                if (premise.Contains(word, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
            return false;
        }
        return Has("ftp", "mirror", "bbs", "archive") ? Archive
            : Has("software", "source", "code", "repository", "project", "program") ? Software
            : Has("company", "office", "business", "startup", "team", "department") ? Company
            : Home;
    }
}
