using System.Buffers.Binary;

namespace Kaleidofs.Drivers.Smb.Client.Wire;

/// <summary>What client and server agreed on (MS-SMB2 2.2.4).</summary>
internal sealed record NegotiatedProtocol
{
    private const int StructureSize = 65;
    private const ushort PreauthenticationContext = 1;
    private const ushort EncryptionContext = 2;
    private const ushort SigningContext = 8;
    private const ushort Sha512 = 1;
    private const int ContextHeader = 8;

    public Dialect Dialect { get; init; }

    public ushort SecurityMode { get; init; }

    public bool RequiresSigning => (SecurityMode & 2) != 0;

    public Guid ServerGuid { get; init; }

    public Capabilities Capabilities { get; init; }

    public uint MaxTransactSize { get; init; }

    public uint MaxReadSize { get; init; }

    public uint MaxWriteSize { get; init; }

    public Cipher Cipher { get; init; }

    public SigningAlgorithm SigningAlgorithm { get; init; }

    /// <summary>Null for an answer that is damaged, or of a dialect that was not offered.</summary>
    public static NegotiatedProtocol? TryParse(ReadOnlySpan<byte> message)
    {
        if (!MessageBody.HasStructure(message, StructureSize))
        {
            return null;
        }
        ReadOnlySpan<byte> body = message[Smb2Header.Size..];
        NegotiatedProtocol protocol = new()
        {
            SecurityMode = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]),
            Dialect = (Dialect)BinaryPrimitives.ReadUInt16LittleEndian(body[4..]),
            ServerGuid = new Guid(body.Slice(8, 16)),
            Capabilities = (Capabilities)BinaryPrimitives.ReadUInt32LittleEndian(body[24..]),
            MaxTransactSize = BinaryPrimitives.ReadUInt32LittleEndian(body[28..]),
            MaxReadSize = BinaryPrimitives.ReadUInt32LittleEndian(body[32..]),
            MaxWriteSize = BinaryPrimitives.ReadUInt32LittleEndian(body[36..]),
        };
        // The least that the protocol allows: nothing works with less.
        if (protocol.MaxTransactSize < 65536 || protocol.MaxReadSize < 65536 || protocol.MaxWriteSize < 65536)
        {
            return null;
        }
        switch (protocol.Dialect)
        {
            case Dialect.Smb210:
                return protocol with { Capabilities = protocol.Capabilities & ~Capabilities.Encryption };
            case Dialect.Smb300 or Dialect.Smb302:
                return protocol with
                {
                    SigningAlgorithm = SigningAlgorithm.AesCmac,
                    Cipher = (protocol.Capabilities & Capabilities.Encryption) != 0 ? Cipher.Aes128Ccm : Cipher.None,
                };
            case Dialect.Smb311:
                int count = BinaryPrimitives.ReadUInt16LittleEndian(body[6..]);
                uint offset = BinaryPrimitives.ReadUInt32LittleEndian(body[60..]);
                return WithContexts(protocol with { SigningAlgorithm = SigningAlgorithm.AesCmac }, message, offset, count);
            default:
                return null;
        }
    }

    private static NegotiatedProtocol? WithContexts(NegotiatedProtocol protocol, ReadOnlySpan<byte> message, long offset, int count)
    {
        bool hasHash = false;
        for (int index = 0; index < count; index++)
        {
            if (!MessageBody.TrySlice(message, offset, ContextHeader, StructureSize, out ReadOnlySpan<byte> header))
            {
                return null;
            }
            int length = BinaryPrimitives.ReadUInt16LittleEndian(header[2..]);
            if (!MessageBody.TrySlice(message, offset + ContextHeader, length, StructureSize, out ReadOnlySpan<byte> data))
            {
                return null;
            }
            ushort type = BinaryPrimitives.ReadUInt16LittleEndian(header);
            if (type is PreauthenticationContext or EncryptionContext or SigningContext)
            {
                int valueAt = type == PreauthenticationContext ? 4 : 2;
                if (data.Length < valueAt + 2 || BinaryPrimitives.ReadUInt16LittleEndian(data) != 1)
                {
                    return null;
                }
                ushort value = BinaryPrimitives.ReadUInt16LittleEndian(data[valueAt..]);
                switch (type)
                {
                    case PreauthenticationContext:
                        hasHash = value == Sha512;
                        break;
                    case EncryptionContext when value <= (ushort)Cipher.Aes256Gcm:
                        protocol = protocol with { Cipher = (Cipher)value };
                        break;
                    case SigningContext when value <= (ushort)SigningAlgorithm.AesGmac:
                        protocol = protocol with { SigningAlgorithm = (SigningAlgorithm)value };
                        break;
                    default:
                        return null;
                }
            }
            offset += ContextHeader + ((length + 7) & ~7);
        }
        return hasHash ? protocol : null;
    }
}
