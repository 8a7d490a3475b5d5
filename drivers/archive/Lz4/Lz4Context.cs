using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Lz4;

/// <summary>A decoder of liblz4.</summary>
internal sealed class Lz4Context : SafeHandle
{
    private Lz4Context(nint context)
        : base(0, ownsHandle: true) => SetHandle(context);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    public static Lz4Context Create()
        => Lz4Library.IsError(Lz4Library.Create(out nint context, Lz4Library.Version)) == 0
            ? new Lz4Context(context)
            : throw new InvalidOperationException("liblz4 could not start");

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Lz4Library.IsError(Lz4Library.Free(handle)) == 0;
}
