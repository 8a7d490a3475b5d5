using System.Runtime.InteropServices;

namespace Kaleidofs.Trees;

/// <summary>An owner and a group.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OwnerIds(uint UserId, uint GroupId);
