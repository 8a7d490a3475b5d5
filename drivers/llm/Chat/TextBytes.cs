using System.Text;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>Turns streamed text into UTF-8. A character may come in two halves.</summary>
internal sealed class TextBytes
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly Encoder _encoder = Strict.GetEncoder();

    /// <summary>The bytes of more text; false if it has half characters, the sign that stands for what could not be decoded, or a NUL.</summary>
    public bool TryEncode(string text, bool isEnd, out byte[] bytes)
    {
        bytes = [];
        if (text.AsSpan().ContainsAny('\uFFFD', '\0'))
        {
            return false;
        }
        try
        {
            byte[] buffer = new byte[Strict.GetMaxByteCount(text.Length)];
            int count = _encoder.GetBytes(text, buffer, isEnd);
            bytes = buffer[..count];
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
