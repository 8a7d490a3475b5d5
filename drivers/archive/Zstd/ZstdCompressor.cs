using System.Runtime.InteropServices;

namespace Kaleidofs.Drivers.Archive.Zstd;

/// <summary>Makes frames as zstd(1) does: of its usual level, with a checksum.</summary>
internal sealed class ZstdCompressor : SafeHandle
{
    public ZstdCompressor() : base(0, ownsHandle: true)
    {
        SetHandle(ZstdLibrary.CreateCompressor());
        _ = ZstdLibrary.SetParameter(this, ZstdLibrary.Checksum, 1);
    }

    public override bool IsInvalid => handle == 0;

    public ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> content)
    {
        byte[] frame = new byte[(int)ZstdLibrary.GetBound((nuint)content.Length)];
        nuint length = ZstdLibrary.Compress(this, frame, (nuint)frame.Length, content, (nuint)content.Length);
        return ZstdLibrary.IsError(length) == 0 ? frame.AsSpan(0, (int)length) : throw new IOException("zstd could not compress");
    }

    protected override bool ReleaseHandle()
    {
        _ = ZstdLibrary.FreeCompressor(handle);
        return true;
    }
}
