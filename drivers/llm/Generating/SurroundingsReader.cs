using System.Text;
using Kaleidofs.Drivers.Llm.Authors;
using Kaleidofs.Drivers.Llm.Definitions;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm.Generating;

/// <summary>Collects what is known around an entry.</summary>
internal sealed class SurroundingsReader(World world)
{
    private const int MaxNames = 48;
    private const int MaxSiblings = 96;
    private const int MaxExcerpts = 6;
    private const int ExcerptLength = 400;

    /// <summary>Names and summaries alone. The world's lock is held.</summary>
    public static Surroundings ReadNames(WorldNode node)
    {
        List<AncestorView> ancestors = [];
        for (WorldNode? above = node.Parent; above is not null; above = above.Parent)
        {
            ancestors.Add(new AncestorView(above.Path, above.Summary, [.. above.Ordered.Take(MaxNames).Select(child => child.Facts.IsDirectory ? child.Name + "/" : child.Name)]));
        }
        ancestors.Reverse();
        SiblingView[] siblings = node.Parent is not { } parent ? [] :
            [.. parent.Ordered.Where(child => child != node && child.Name != History.DirectoryName).Take(MaxSiblings).Select(child => new SiblingView(child.Name, child.Facts.IsDirectory, child.Facts.About, ""))];
        return new Surroundings(node.Path, ancestors, siblings);
    }

    /// <summary>The same with the beginnings of texts beside it.</summary>
    public async Task<Surroundings> ReadAsync(WorldNode file)
    {
        Surroundings surroundings;
        List<(string Name, Content Content)> texts = [];
        lock (world.Gate)
        {
            surroundings = ReadNames(file);
            foreach (WorldNode sibling in file.Parent?.Ordered ?? [])
            {
                if (sibling != file && texts.Count < MaxExcerpts && sibling.Content is { IsFinal: true, IsWritten: false, Length: > 0 } && FileKind.Of(sibling.Name).Form != FileForm.Png)
                {
                    texts.Add((sibling.Name, sibling.Content));
                }
            }
        }
        Dictionary<string, string> excerpts = [];
        foreach ((string name, Content content) in texts)
        {
            excerpts[name] = Encoding.UTF8.GetString(await world.ReadAllAsync(content, ExcerptLength).ConfigureAwait(false)).TrimEnd('\uFFFD');
        }
        return surroundings with { Siblings = [.. surroundings.Siblings.Select(sibling => sibling with { Excerpt = excerpts.GetValueOrDefault(sibling.Name, "") })] };
    }
}
