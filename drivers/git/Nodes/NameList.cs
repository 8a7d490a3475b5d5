namespace Kaleidofs.Drivers.Git.Nodes;

/// <summary>The names of an open listing, each fetched when it is asked for, and the same when it is asked for again.</summary>
internal sealed class NameList(IEnumerable<string> names) : IDisposable
{
    private readonly List<string> _names = [];
    private readonly Lock _lock = new();
    private IEnumerator<string>? _rest = names.GetEnumerator();

    /// <summary>The name at a position; null at the end. May wait for a disk.</summary>
    public string? Get(int position)
    {
        lock (_lock)
        {
            while (_names.Count <= position && _rest is not null)
            {
                if (_rest.MoveNext())
                {
                    _names.Add(_rest.Current);
                }
                else
                {
                    _rest.Dispose();
                    _rest = null;
                }
            }
            return position < _names.Count ? _names[position] : null;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _rest?.Dispose();
            _rest = null;
        }
    }
}
