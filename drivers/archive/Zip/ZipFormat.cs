namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>Numbers of the .ZIP File Format Specification (APPNOTE.TXT), by its section.</summary>
internal static class ZipFormat
{
    /// <summary>4.3.7.</summary>
    public const uint LocalHeaderSignature = 0x04034b50;
    public const int LocalHeaderLength = 30;

    /// <summary>4.3.12.</summary>
    public const uint CentralHeaderSignature = 0x02014b50;
    public const int CentralHeaderLength = 46;

    /// <summary>4.3.16.</summary>
    public const uint EndSignature = 0x06054b50;
    public const int EndLength = 22;

    /// <summary>4.3.15.</summary>
    public const uint Zip64LocatorSignature = 0x07064b50;
    public const int Zip64LocatorLength = 20;

    /// <summary>4.3.14.</summary>
    public const uint Zip64EndSignature = 0x06064b50;
    public const int Zip64EndLength = 56;

    /// <summary>4.3.9. The signature is optional.</summary>
    public const uint DescriptorSignature = 0x08074b50;

    /// <summary>The value of a 32-bit field whose number stands in the zip64 extra field (4.4.1.4).</summary>
    public const uint InZip64 = uint.MaxValue;

    /// <summary>General purpose bits (4.4.4): encrypted, sizes in a descriptor behind the data, strong encryption, UTF-8 name, masked headers.</summary>
    public const ushort Encrypted = 1;
    public const ushort HasDescriptor = 1 << 3;
    public const ushort StronglyEncrypted = 1 << 6;
    public const ushort NameIsUtf8 = 1 << 11;
    public const ushort MaskedHeaders = 1 << 13;

    /// <summary>Methods (4.4.5).</summary>
    public const ushort Stored = 0;
    public const ushort Deflated = 8;
    public const ushort Deflated64 = 9;

    /// <summary>Encrypted by AES; the method stands in an extra field.</summary>
    public const ushort Aes = 99;

    /// <summary>Hosts that made an entry (4.4.2).</summary>
    public const byte HostFat = 0;
    public const byte HostUnix = 3;
    public const byte HostMacOS = 19;

    /// <summary>DOS attributes, in the low byte of the external ones (4.4.15).</summary>
    public const uint DosReadOnly = 1;
    public const uint DosDirectory = 0x10;
}
