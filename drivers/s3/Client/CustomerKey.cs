using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>A key that goes with each request, as the server encrypts with it and does not keep it (SSE-C). It is shown nowhere.</summary>
internal sealed class CustomerKey
{
    private const int Length = 32;

    [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "It is the protocol's.")]
    private CustomerKey(byte[] key)
    {
        Text = Convert.ToBase64String(key);
        Digest = Convert.ToBase64String(MD5.HashData(key));
        Name = Convert.ToHexStringLower(SHA256.HashData([.. "kaleidofs sse-c"u8, .. key]).AsSpan(0, 16));
    }

    /// <summary>In base64, as it is sent.</summary>
    public string Text { get; }

    /// <summary>Its MD5, in base64, which is sent with it.</summary>
    public string Digest { get; }

    /// <summary>Tells it from other keys, and does not tell the key.</summary>
    public string Name { get; }

    /// <summary>The key that is given as its 32 bytes, or as their base64; null if it is neither.</summary>
    public static CustomerKey? Parse(byte[] given)
    {
        if (given.Length == Length)
        {
            return new CustomerKey(given);
        }
        byte[] key = new byte[Length + 1];
        return Convert.TryFromBase64String(Encoding.Latin1.GetString(given).Trim(), key, out int count) && count == Length ? new CustomerKey(key[..Length]) : null;
    }
}
