using System.Runtime.InteropServices;

namespace Kaleidofs.Trees;

/// <summary>Bytes in a <see cref="ByteHeap"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct HeapRange(uint Offset, int Length);
