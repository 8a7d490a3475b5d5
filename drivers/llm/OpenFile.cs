using Kaleidofs.Drivers.Llm.Generating;
using Kaleidofs.Drivers.Llm.Worlds;

namespace Kaleidofs.Drivers.Llm;

/// <summary>An open handle of a file.</summary>
/// <param name="Node">The file.</param>
/// <param name="Flight">What generates its content, joined; null if it was all there.</param>
/// <param name="IsAppending">Whether writes go to the end, wherever the kernel takes that to be.</param>
internal sealed record OpenFile(WorldNode Node, Flight? Flight, bool IsAppending);
