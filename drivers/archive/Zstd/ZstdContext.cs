using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Zstd;

/// <summary>A decoder of libzstd.</summary>
internal sealed class ZstdContext : SafeHandle
{
    private ZstdContext(nint context)
        : base(0, ownsHandle: true) => SetHandle(context);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>One that takes windows of so many bytes, as a power of two.</summary>
    public static ZstdContext Create(int maxWindowLog)
    {
        ZstdContext context = new(ZstdLibrary.Create());
        if (context.IsInvalid || ZstdLibrary.IsError(ZstdLibrary.SetParameter(context, ZstdLibrary.MaxWindowLog, maxWindowLog)) != 0)
        {
            context.Dispose();
            throw new InvalidOperationException("libzstd could not start");
        }
        return context;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => ZstdLibrary.Free(handle) == 0;
}
