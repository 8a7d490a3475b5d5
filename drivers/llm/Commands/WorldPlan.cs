using System.Globalization;
using System.Text;
using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Commands;

/// <summary>What it would take to generate what a world does not have yet, reckoned from what it has.</summary>
internal sealed class WorldPlan
{
    private readonly WorldDefinition _definition;
    private readonly Dictionary<int, Growth> _growth = [];
    private readonly Dictionary<int, int> _unlisted = [];
    private Growth _all;
    private int _directories;
    private int _files;
    private int _unwritten;
    private long _length;
    private Usage _listings;
    private Usage _contents;

    private WorldPlan(WorldDefinition definition) => _definition = definition;

    /// <summary>What can be said of a world that nobody has looked at.</summary>
    public static string OfNothing(WorldDefinition definition)
    {
        Generating.Limits limits = definition.Limits;
        return string.Create(CultureInfo.InvariantCulture,
            $"""
            nothing is there yet, so it is not known how the world grows: list its root ('kaleidofs ls'), and ask again.
            the bounds are {limits.Entries} entries a directory, {limits.Depth} levels of directories, {limits.FileBytes} bytes a file, {limits.PromptTokens} tokens a prompt.

            """);
    }

    public static WorldPlan Of(World world, WorldDefinition definition)
    {
        WorldPlan plan = new(definition);
        lock (world.Gate)
        {
            foreach (WorldNode node in world.Nodes.Where(node => !node.IsGone))
            {
                plan.Add(node);
            }
        }
        return plan;
    }

    /// <summary>Some lines for people.</summary>
    public string Describe()
    {
        Work known = new(_unlisted.Values.Sum(), _unwritten);
        Work whole = new(0, _unwritten);
        foreach ((int depth, int count) in _unlisted)
        {
            Work below = Reckon(depth);
            whole = new Work(whole.Listings + (count * below.Listings), whole.Contents + (count * below.Contents));
        }
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"there           {_directories - known.Listings:N0} of {_directories:N0} known directories listed, {_files - _unwritten:N0} of {_files:N0} known files complete ({_length:N0} bytes)\n");
        text.Append(CultureInfo.InvariantCulture, $"left of them    {Describe(known)}\n");
        text.Append(CultureInfo.InvariantCulture, $"with all below  about {Describe(whole)}\n");
        if (DescribeTime(whole) is { } time)
        {
            text.Append(CultureInfo.InvariantCulture, $"the budget      {time}\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"reckoned from   {Count(_all.Listings, "listing")} ({_all.DirectoriesEach:0.0} directories, {_all.FilesEach:0.0} files, {TokensOfListing:N0} tokens each) and {Count(_contents.Calls, "content")} ({TokensOfContent:N0} tokens each)\n");
        int unseen = Enumerable.Range(0, _definition.Limits.Depth).Count(depth => !_growth.ContainsKey(depth));
        if (unseen > 0 && _all.Listings > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"a guess         {unseen} of {_definition.Limits.Depth} levels have no listing yet, and are taken to be like the others\n");
        }
        return text.ToString();
    }

    private double TokensOfListing => _listings.Calls == 0 ? 0 : (double)_listings.Tokens / _listings.Calls;

    private double TokensOfContent => _contents.Calls == 0 ? 0 : (double)_contents.Tokens / _contents.Calls;

    private void Add(WorldNode node)
    {
        if (node.Facts.IsFile)
        {
            _files++;
            _unwritten += node.IsUnfinished ? 1 : 0;
            _length += node.Content.IsFinal ? (long)node.GetAttributes(0).Size : 0;
            _contents += node.Content.Provenance?.Usage ?? default;
        }
        else if (node.Facts.IsDirectory)
        {
            _directories++;
            if (!node.IsListed)
            {
                _unlisted[node.Depth] = _unlisted.GetValueOrDefault(node.Depth) + 1;
            }
            else if (node.Listing is { } listing)
            {
                int directories = node.Ordered.Count(child => child.Facts.IsDirectory);
                Growth one = new(1, directories, node.ChildCount - directories);
                _growth[node.Depth] = _growth.GetValueOrDefault(node.Depth) + one;
                _all += one;
                _listings += listing.Usage;
            }
        }
    }

    /// <summary>What a directory of that depth takes, with all below it. What no directory of that depth tells, all of them do.</summary>
    private Work Reckon(int depth)
    {
        Growth growth = _growth.TryGetValue(depth, out Growth known) ? known : _all;
        if (depth >= _definition.Limits.Depth || growth.DirectoriesEach == 0)
        {
            return new Work(1, growth.FilesEach);
        }
        Work below = Reckon(depth + 1);
        return new Work(1 + (growth.DirectoriesEach * below.Listings), growth.FilesEach + (growth.DirectoriesEach * below.Contents));
    }

    private double CountTokens(Work work) => (work.Listings * TokensOfListing) + (work.Contents * TokensOfContent);

    private string Describe(Work work)
    {
        double cost = (work.Listings * PriceOf(_listings)) + (work.Contents * PriceOf(_contents));
        return string.Create(CultureInfo.InvariantCulture,
            $"{Count(work.Listings, "listing")} and {Count(work.Contents, "file")}: {Count(work.Listings + work.Contents, "call")}, {Count(CountTokens(work), "token")}{(cost > 0 ? $", cost {cost:0.0000}" : "")}");
    }

    private static string Count(double count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what}{(Math.Round(count) == 1 ? "" : "s")}");

    private static double PriceOf(Usage usage) => usage.Calls == 0 ? 0 : usage.CostInMillionths / 1e6 / usage.Calls;

    private string? DescribeTime(Work work)
    {
        Generating.Limits limits = _definition.Limits;
        if (limits is { CallsPerHour: int.MaxValue, TokensPerHour: long.MaxValue })
        {
            return null;
        }
        double hours = Math.Max((work.Listings + work.Contents) / Math.Max(1, limits.CallsPerHour), CountTokens(work) / Math.Max(1, limits.TokensPerHour));
        string calls = limits.CallsPerHour == int.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $"{limits.CallsPerHour:N0} calls an hour");
        string tokens = limits.TokensPerHour == long.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $"{limits.TokensPerHour:N0} tokens an hour");
        return string.Create(CultureInfo.InvariantCulture, $"{calls}{(calls.Length > 0 && tokens.Length > 0 ? ", " : "")}{tokens}: {hours:0.0} hours at least");
    }

    /// <summary>Calls that are to be made.</summary>
    private readonly record struct Work(double Listings, double Contents);

    /// <summary>What listings named.</summary>
    private readonly record struct Growth(int Listings, int Directories, int Files)
    {
        public double DirectoriesEach => Listings == 0 ? 0 : (double)Directories / Listings;

        public double FilesEach => Listings == 0 ? 0 : (double)Files / Listings;

        public static Growth operator +(Growth left, Growth right) => new(left.Listings + right.Listings, left.Directories + right.Directories, left.Files + right.Files);
    }
}
