namespace Kaleidofs.Drivers.Llm.Generating;

/// <summary>Why something could not be generated.</summary>
/// <param name="Errno">What the caller sees.</param>
/// <param name="Reason">One line.</param>
/// <param name="Time">When, in <see cref="Environment.TickCount64"/>.</param>
internal sealed record Failure(Errno Errno, string Reason, long Time);
