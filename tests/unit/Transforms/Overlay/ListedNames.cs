using System.Text;

namespace Kaleidofs.Tests.Unit.Transforms.Overlay;

/// <summary>A piece of a listing.</summary>
internal sealed class ListedNames(int room) : DirectoryWriter
{
    public List<(string Name, Entry Entry)> All { get; } = [];

    public ulong Cookie { get; private set; }

    public override bool IncludesLookup => true;

    public override bool TryAdd(ReadOnlySpan<byte> name, ulong nextCookie, in Entry entry)
    {
        if (All.Count == room)
        {
            return false;
        }
        All.Add((Encoding.UTF8.GetString(name), entry));
        Cookie = nextCookie;
        return true;
    }
}
