using Kaleidofs.Protocol;

namespace Kaleidofs.Engine;

/// <summary>All that INIT settled: the one thing besides open handles that a session must keep to go on in another process, where no second INIT comes.</summary>
/// <param name="Minor">The protocol's minor version that both sides speak.</param>
/// <param name="Flags">What both sides agreed on.</param>
/// <param name="MaxPayload">The longest READ or WRITE in bytes.</param>
internal sealed record NegotiatedState(uint Minor, InitFlags Flags, int MaxPayload);
