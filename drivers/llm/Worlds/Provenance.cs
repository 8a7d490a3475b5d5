namespace Kaleidofs.Drivers.Llm.Worlds;

/// <summary>Where something generated came from.</summary>
/// <param name="Model">The model, as it is called at its provider.</param>
/// <param name="PromptDigest">SHA-256 of the prompt, in hexadecimal.</param>
/// <param name="Time">When.</param>
/// <param name="Usage">What it took, all attempts together.</param>
internal sealed record Provenance(string Model, string PromptDigest, DateTimeOffset Time, Usage Usage);
