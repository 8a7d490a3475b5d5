using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Kaleidofs.Drivers.Llm.Authors;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Embedded;

/// <summary>
/// Generates without a model: plausible names and contents that world and path determine. It opens no socket and costs nothing, and
/// keeps to the same budgets as a model does.
/// </summary>
internal sealed partial class EmbeddedAuthor : Author
{
    private const string ReadMe = "README.md";

    private static readonly int[] MostDirectories = [6, 4, 3, 2];

    /// <inheritdoc/>
    public override string Name => "embedded";

    /// <inheritdoc/>
    public override bool IsFree => true;

    /// <inheritdoc/>
    public override Task<Outcome> ListAsync(ListingRequest request, CancellationToken cancellationToken)
    {
        string digest = Digest("list", request.Surroundings.Path, request.World.Identity);
        if (!request.Budget.TryBegin())
        {
            return Task.FromResult(Outcome.OverBudget(digest, default));
        }
        return Task.FromResult(new Outcome(Errno.None, "", digest, new Usage(1, 0, 0, 0)) { Listing = List(request) });
    }

    /// <inheritdoc/>
    public override async Task<Outcome> WriteAsync(ContentRequest request, ContentSink sink, CancellationToken cancellationToken)
    {
        string digest = Digest("write", request.Surroundings.Path, request.World.Identity, request.Wish, request.Generation.ToString(CultureInfo.InvariantCulture));
        if (!request.Budget.TryBegin())
        {
            return Outcome.OverBudget(digest, default);
        }
        byte[] content = EmbeddedContent.Write(request);
        Errno errno = content.Length > request.Beginning.Length
            ? await sink.AppendAsync(content.AsMemory(request.Beginning.Length), cancellationToken).ConfigureAwait(false)
            : Errno.None;
        return new Outcome(errno, errno == Errno.EDQUOT ? $"it is longer than {request.MaxBytes} bytes" : "", digest, new Usage(1, 0, 0, 0));
    }

    private static ListingDraft List(ListingRequest request)
    {
        Draw draw = new("list", request.World.Identity, request.Surroundings.Path);
        Theme theme = Lexicon.Choose(request.World.Premise);
        int year = FindYear(request.World.Premise) ?? draw.Next(2001, 2024);
        List<EntryDraft> entries = [];
        if (request.Depth == 0 || draw.Chance(50))
        {
            Add(ReadMe, isDirectory: false, "what is here, and why");
        }
        if (request.MayHaveDirectories)
        {
            int most = request.Depth < MostDirectories.Length ? MostDirectories[request.Depth] : 1;
            foreach (string name in draw.PickSome(theme.Directories, draw.Next(request.Depth == 0 ? 3 : 0, most)))
            {
                Add(name, isDirectory: true, Describe(draw));
            }
        }
        foreach (string name in draw.PickSome(theme.Files, draw.Next(2, 6)))
        {
            bool isNamed = request.Depth > 0 && draw.Chance(60);
            Add(isNamed ? $"{draw.Pick(Lexicon.Nouns)}-{name}" : name, isDirectory: false, Describe(draw));
        }
        string summary = request.About.Length > 0 ? request.About : $"{request.World.Premise}: {Describe(draw)}";
        return new ListingDraft(entries, summary);

        void Add(string name, bool isDirectory, string about)
        {
            if (!request.Fixed.Contains(name) && !entries.Exists(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                entries.Add(new EntryDraft(name, isDirectory, about,
                    new DateTimeOffset(year, draw.Next(1, 12), draw.Next(1, 28), draw.Next(0, 23), draw.Next(0, 59), draw.Next(0, 59), TimeSpan.Zero)));
            }
        }
    }

    private static string Describe(Draw draw)
        => string.Format(CultureInfo.InvariantCulture, draw.Pick(Lexicon.Abouts), draw.Pick(Lexicon.People), draw.Pick(Lexicon.Nouns));

    private static int? FindYear(string premise)
        => Year().Match(premise) is { Success: true } match ? int.Parse(match.Value, CultureInfo.InvariantCulture) : null;

    private static string Digest(params ReadOnlySpan<string> parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))));

    [GeneratedRegex(@"\b(19[7-9]\d|20\d\d)\b")]
    private static partial Regex Year();
}
