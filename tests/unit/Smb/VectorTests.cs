using System.Text;
using Kaleidofs.Drivers.Smb.Client.Authentication;
using Kaleidofs.Drivers.Smb.Client.Security;
using Kaleidofs.Drivers.Smb.Client.Wire;

namespace Kaleidofs.Tests.Unit.Smb;

/// <summary>What is published beside each algorithm.</summary>
public sealed class VectorTests
{
    // RFC 1320, A.5.
    [Theory]
    [InlineData("", "31d6cfe0d16ae931b73c59d7e0c089c0")]
    [InlineData("a", "bde52cb31de33e46245e05fbdbd6fb24")]
    [InlineData("abc", "a448017aaf21d8525fc10ae87aa6729d")]
    [InlineData("message digest", "d9130a8164549fe818874806e1c7014b")]
    [InlineData("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "e33b4ddc9c38f2199c3e7b164fcc0536")]
    public void Md4_is_that_of_its_memorandum(string text, string hash)
        => Assert.Equal(hash, Convert.ToHexStringLower(Md4.HashData(Encoding.ASCII.GetBytes(text))));

    // RFC 6229, key lengths 40 and 128 bits, and the well-known words.
    [Theory]
    [InlineData("0102030405", "00000000000000000000000000000000", "b2396305f03dc027ccc3524a0a1118a8")]
    [InlineData("0102030405060708090a0b0c0d0e0f10", "00000000000000000000000000000000", "9ac7cc9a609d1ef7b2932899cde41b97")]
    [InlineData("4b6579", "506c61696e74657874", "bbf316e8d940af0ad3")]
    public void Rc4_is_that_of_its_vectors(string key, string plain, string cipher)
        => Assert.Equal(cipher, Convert.ToHexStringLower(Rc4.Transform(Convert.FromHexString(key), Convert.FromHexString(plain))));

    // RFC 4493, 4.
    [Theory]
    [InlineData(0, "bb1d6929e95937287fa37d129b756746")]
    [InlineData(16, "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData(40, "dfa66747de9ae63030ca32611497c827")]
    [InlineData(64, "51f0bebf7e3b9d92fc49741779363cfe")]
    public void Cmac_is_that_of_its_memorandum(int length, string tag)
    {
        byte[] message = Convert.FromHexString("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        using AesCmac cmac = new(Convert.FromHexString("2b7e151628aed2a6abf7158809cf4f3c"));
        byte[] computed = new byte[16];
        cmac.Compute(message.AsSpan(0, length), computed);
        Assert.Equal(tag, Convert.ToHexStringLower(computed));
    }

    [Fact]
    public void A_long_message_has_the_cmac_of_its_blocks_one_by_one()
    {
        byte[] message = new byte[100_003];
        new Random(1).NextBytes(message);
        byte[] key = new byte[16];
        using AesCmac cmac = new(key);
        byte[] computed = new byte[16];
        cmac.Compute(message, computed);
        using var aes = System.Security.Cryptography.Aes.Create();
        aes.Key = key;
        byte[] state = new byte[16];
        int last = message.Length / 16 * 16;
        for (int at = 0; at < last; at += 16)
        {
            byte[] mixed = [.. state.Zip(message.Skip(at).Take(16), (a, b) => (byte)(a ^ b))];
            state = aes.EncryptEcb(mixed, System.Security.Cryptography.PaddingMode.None);
        }
        // Twice L, twice: the key for a padded end.
        System.Numerics.BigInteger l = new(aes.EncryptEcb(new byte[16], System.Security.Cryptography.PaddingMode.None), isUnsigned: true, isBigEndian: true);
        for (int times = 0; times < 2; times++)
        {
            l <<= 1;
            l = l >> 128 == 1 ? (l ^ (System.Numerics.BigInteger.One << 128)) ^ 0x87 : l;
        }
        byte[] subkey = [.. new byte[16], .. l.ToByteArray(isUnsigned: true, isBigEndian: true)];
        byte[] end = [.. message[last..], 0x80, .. new byte[16]];
        byte[] final = [.. state.Select((value, at) => (byte)(value ^ end[at] ^ subkey[subkey.Length - 16 + at]))];
        Assert.Equal(aes.EncryptEcb(final, System.Security.Cryptography.PaddingMode.None), computed);
    }

    // Microsoft's walk through the keys of SMB 3.0 and 3.1.1.
    [Fact]
    public void Keys_of_3_0_are_those_of_the_walkthrough()
    {
        var keys = SessionKeys.Derive(Dialect.Smb300, Convert.FromHexString("7CD451825D0450D235424E44BA6E78CC"), [], Cipher.Aes128Ccm);
        Assert.Equal("0B7E9C5CAC36C0F6EA9AB275298CEDCE", Convert.ToHexString(keys.Signing));
        Assert.Equal("FAD27796665B313EBB578F388632B4F7", Convert.ToHexString(keys.ToServer));
        Assert.Equal("B0F0427F7CEB416D1D9DCC0CD4F99447", Convert.ToHexString(keys.FromServer));
    }

    [Fact]
    public void Keys_of_3_1_1_are_those_of_the_walkthrough()
    {
        byte[] hash = Convert.FromHexString("0DD13628CC3ED218EF9DF9772D436D0887AB9814BFAE63A80AA845F36909DB7928622DDDAD522D9751640A459762C5A9D6BB084CBB3CE6BDADEF5D5BCE3C6C01");
        var keys = SessionKeys.Derive(Dialect.Smb311, Convert.FromHexString("270E1BA896585EEB7AF3472D3B4C75A7"), hash, Cipher.Aes128Gcm);
        Assert.Equal("73FE7A9A77BEF0BDE49C650D8CCB5F76", Convert.ToHexString(keys.Signing));
        Assert.Equal("629BCBC54422A0F572B97F45989B6073", Convert.ToHexString(keys.ToServer));
        Assert.Equal("E2AF0DCEFAC68DA71A0DFBD0D1350D74", Convert.ToHexString(keys.FromServer));
    }

    [Fact]
    public void A_signature_by_cmac_is_that_of_the_published_message()
    {
        byte[] message = Convert.FromHexString("fe534d42400001000000000001007f00090000000000000003000000000000000000000000000000020000007bfba3f4000000000000000000000000000000000900000048000900a1073005a0030a0100");
        var keys = SessionKeys.Derive(Dialect.Smb300, Convert.FromHexString("726d4c454e63516446695457664e5042"), [], Cipher.Aes128Ccm);
        using MessageSigner signer = new(SigningAlgorithm.AesCmac, keys.Signing);
        signer.Sign(message);
        Assert.Equal("041393e756a048c9092c4e52dc703719", Convert.ToHexStringLower(message.AsSpan(48, 16)));
        Assert.True(signer.Verify(message));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_changed_byte_or_a_missing_flag_is_no_signature(int algorithm)
    {
        byte[] message = new byte[300];
        Smb2Header.Write(message, Command.Read, HeaderFlags.Response, 7, 1);
        using MessageSigner signer = new((SigningAlgorithm)algorithm, new byte[16]);
        signer.Sign(message);
        Assert.True(signer.Verify((byte[])message.Clone()));
        for (int at = 0; at < message.Length; at += 7)
        {
            byte[] changed = (byte[])message.Clone();
            changed[at] ^= 0x10;
            Assert.False(signer.Verify(changed));
        }
        message[16] ^= (byte)HeaderFlags.Signed;
        Assert.False(signer.Verify(message));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_one_side_encrypts_the_other_opens_and_nothing_else(int cipher)
    {
        byte[] one = new byte[cipher > 2 ? 32 : 16];
        byte[] other = [.. one.Select(value => (byte)(value + 1))];
        using MessageCipher client = new((Cipher)cipher, new SessionKeys([], one, other), 5);
        using MessageCipher server = new((Cipher)cipher, new SessionKeys([], other, one), 5);
        byte[] plain = new byte[1000];
        new Random(3).NextBytes(plain);
        byte[] first = [.. new byte[TransformHeader.Size], .. plain];
        byte[] second = (byte[])first.Clone();
        client.Encrypt(first);
        client.Encrypt(second);
        Assert.NotEqual(first, second);
        for (int at = 4; at < first.Length; at += 13)
        {
            byte[] changed = (byte[])first.Clone();
            changed[at] ^= 1;
            // Of the longer nonce's field not every byte is used, but all are signed.
            Assert.False(server.TryDecrypt(changed, out _), $"byte {at}");
        }
        Assert.True(server.TryDecrypt(first, out Span<byte> message));
        Assert.Equal(plain, message.ToArray());
    }

    // MS-NLMP 4.2.4.
    [Fact]
    public void NtlmV2_is_that_of_the_specification()
    {
        byte[] key = NtlmV2.GetResponseKey("Password", "User", "Domain");
        Assert.Equal("0c868a403bfd7a93a3001ef22ef02e3f", Convert.ToHexStringLower(key));
        byte[] info = TargetInfo.Write([(2, Encoding.Unicode.GetBytes("Domain")), (1, Encoding.Unicode.GetBytes("Server"))]);
        NtlmV2 response = NtlmV2.Compute(key, Convert.FromHexString("0123456789abcdef"), Convert.FromHexString("aaaaaaaaaaaaaaaa"), 0, info, hasTimestamp: false);
        Assert.Equal("68cd0ab851e51c96aabc927bebef6a1c", Convert.ToHexStringLower(response.NtResponse.AsSpan(0, 16)));
        Assert.Equal("86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa", Convert.ToHexStringLower(response.LmResponse));
        Assert.Equal("8de40ccadbc14a82f15cb0ad0de95ca3", Convert.ToHexStringLower(response.SessionBaseKey));
        byte[] random = [.. Enumerable.Repeat((byte)0x55, 16)];
        Assert.Equal("c5dad2544fc9799094ce1ce90bc9d03e", Convert.ToHexStringLower(Rc4.Transform(response.SessionBaseKey, random)));
    }
}
