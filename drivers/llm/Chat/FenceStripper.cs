using System.Text;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>Takes away the code fence that models put around a file, while it is streamed. A fence within the file stays.</summary>
internal sealed class FenceStripper
{
    private const string Fence = "```";

    /// <summary>A first line longer than this is none of a fence.</summary>
    private const int MaxFirstLine = 64;

    /// <summary>What may be the closing fence, with the line's end before it and white space behind.</summary>
    private const int HeldBack = 16;

    private readonly StringBuilder _held = new();
    private bool _hasBegun;
    private bool _isFenced;

    /// <summary>A whole answer without its fence.</summary>
    public static string Strip(string answer)
    {
        FenceStripper stripper = new();
        return stripper.Add(answer) + stripper.End();
    }

    /// <summary>Takes more; returns what is certainly the file's.</summary>
    public string Add(string text)
    {
        _held.Append(text);
        if (!_hasBegun && !TryBegin())
        {
            return "";
        }
        if (!_isFenced)
        {
            return Take(_held.Length);
        }
        return _held.Length > HeldBack ? Take(_held.Length - HeldBack) : "";
    }

    /// <summary>The rest.</summary>
    public string End()
    {
        if (!_hasBegun)
        {
            TryBegin(isEnd: true);
        }
        string rest = Take(_held.Length);
        if (_isFenced)
        {
            string trimmed = rest.TrimEnd();
            if (trimmed.EndsWith(Fence, StringComparison.Ordinal))
            {
                rest = trimmed[..^Fence.Length];
            }
        }
        return rest;
    }

    /// <summary>Whether it is known if there is a fence; the opening one is then gone.</summary>
    private bool TryBegin(bool isEnd = false)
    {
        string text = _held.ToString();
        string start = text.TrimStart('\n', '\r', ' ');
        bool mayBeFenced = start.StartsWith(Fence, StringComparison.Ordinal) || (start.Length < Fence.Length && Fence.StartsWith(start, StringComparison.Ordinal));
        int line = start.IndexOf('\n', StringComparison.Ordinal);
        if (mayBeFenced && line < 0 && !isEnd && start.Length <= MaxFirstLine)
        {
            return false;
        }
        _hasBegun = true;
        if (start.StartsWith(Fence, StringComparison.Ordinal) && line is >= 0 and <= MaxFirstLine)
        {
            _isFenced = true;
            _held.Clear().Append(start, line + 1, start.Length - line - 1);
        }
        return true;
    }

    private string Take(int count)
    {
        string taken = _held.ToString(0, count);
        _held.Remove(0, count);
        return taken;
    }
}
