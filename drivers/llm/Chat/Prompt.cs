using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>What a model is told: instructions of this program's own, and data.</summary>
/// <param name="Instructions">The system's message. Nothing of a tree or a user stands in it.</param>
/// <param name="Data">One JSON document: whatever is in its strings, it cannot leave them.</param>
internal sealed record Prompt(string Instructions, string Data)
{
    /// <summary>SHA-256, in hexadecimal.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Instructions + "\0" + Data)));

    public List<ChatMessage> ToMessages() => [new(ChatRole.System, Instructions), new(ChatRole.User, Data)];
}
