using System.Formats.Asn1;

namespace Kaleidofs.Drivers.Smb.Client.Authentication;

/// <summary>The wrapping of NTLM's messages (SPNEGO, RFC 4178). NTLM is the only mechanism that is offered, so there is nothing to be talked down to.</summary>
internal static class SpnegoToken
{
    private const string Spnego = "1.3.6.1.5.5.2";
    private const string Ntlm = "1.3.6.1.4.1.311.2.2.10";

    private static readonly Asn1Tag Mechanisms = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag Answer = new(TagClass.ContextSpecific, 1, isConstructed: true);
    private static readonly Asn1Tag Content = new(TagClass.ContextSpecific, 2, isConstructed: true);
    private static readonly Asn1Tag Code = new(TagClass.ContextSpecific, 3, isConstructed: true);

    /// <summary>The list of mechanisms, which the two sides show each other a code over once they have a key.</summary>
    public static byte[] MechanismList { get; } = WriteMechanisms();

    /// <summary>The client's first token.</summary>
    public static byte[] WrapFirst(ReadOnlySpan<byte> message)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence(new Asn1Tag(TagClass.Application, 0, isConstructed: true)))
        {
            writer.WriteObjectIdentifier(Spnego);
            using (writer.PushSequence(Mechanisms))
            using (writer.PushSequence())
            {
                using (writer.PushSequence(Mechanisms))
                {
                    writer.WriteEncodedValue(MechanismList);
                }
                using (writer.PushSequence(Content))
                {
                    writer.WriteOctetString(message);
                }
            }
        }
        return writer.Encode();
    }

    /// <summary>The client's tokens after the first.</summary>
    /// <param name="message">NTLM's message.</param>
    /// <param name="code">The code over <see cref="MechanismList"/>; empty for who has no key.</param>
    public static byte[] Wrap(ReadOnlySpan<byte> message, ReadOnlySpan<byte> code)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence(Answer))
        using (writer.PushSequence())
        {
            using (writer.PushSequence(Content))
            {
                writer.WriteOctetString(message);
            }
            if (!code.IsEmpty)
            {
                using (writer.PushSequence(Code))
                {
                    writer.WriteOctetString(code);
                }
            }
        }
        return writer.Encode();
    }

    private static byte[] WriteMechanisms()
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(Ntlm);
        }
        return writer.Encode();
    }

    /// <summary>What is in the server's token; null if it has nothing, or is damaged.</summary>
    public static byte[]? Unwrap(ReadOnlyMemory<byte> token)
    {
        try
        {
            AsnReader answer = new AsnReader(token, AsnEncodingRules.BER).ReadSequence(Answer).ReadSequence();
            while (answer.HasData)
            {
                if (answer.PeekTag().HasSameClassAndValue(Content))
                {
                    return answer.ReadSequence(Content).ReadOctetString();
                }
                answer.ReadEncodedValue();
            }
            return null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
