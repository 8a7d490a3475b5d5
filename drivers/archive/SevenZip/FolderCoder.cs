namespace Kaleidofs.Drivers.Archive.SevenZip;

/// <summary>One step of a folder's encoding.</summary>
/// <param name="Method">Its number (Methods.txt of the LZMA SDK).</param>
/// <param name="Properties">What its decoder needs to know.</param>
/// <param name="Inputs">How many streams it takes: 1 but for BCJ2.</param>
/// <param name="Outputs">How many streams it makes.</param>
internal sealed record FolderCoder(ulong Method, byte[] Properties, int Inputs, int Outputs)
{
    /// <summary>How many bytes come out of it.</summary>
    public long Length { get; set; }
}
