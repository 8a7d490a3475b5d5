namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>What calls of a model took.</summary>
/// <param name="Calls">Requests.</param>
/// <param name="InputTokens">Of the prompts.</param>
/// <param name="OutputTokens">Of the answers.</param>
/// <param name="CostInMillionths">Millionths of the currency that prices are given in; 0 where none are.</param>
internal readonly record struct Usage(int Calls, long InputTokens, long OutputTokens, long CostInMillionths)
{
    public long Tokens => InputTokens + OutputTokens;

    public static Usage operator +(Usage left, Usage right)
        => new(left.Calls + right.Calls, left.InputTokens + right.InputTokens, left.OutputTokens + right.OutputTokens, left.CostInMillionths + right.CostInMillionths);
}
