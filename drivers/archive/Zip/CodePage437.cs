using System.Text;

namespace Kaleidofs.Drivers.Archive.Zip;

/// <summary>The IBM PC's character set, which names have that do not say UTF-8 (APPNOTE appendix D).</summary>
internal static class CodePage437
{
    /// <summary>The characters from 0x80 on; below it is ASCII.</summary>
    private const string High =
        "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
        + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0";

    /// <summary>The most bytes of UTF-8 that a character becomes.</summary>
    public const int MaxExpansion = 3;

    /// <summary>Translates into UTF-8; returns the length.</summary>
    /// <param name="name">The bytes.</param>
    /// <param name="utf8">Room for <see cref="MaxExpansion"/> times as many.</param>
    public static int ToUtf8(ReadOnlySpan<byte> name, Span<byte> utf8)
    {
        int length = 0;
        foreach (byte value in name)
        {
            if (value < 0x80)
            {
                utf8[length++] = value;
            }
            else
            {
                length += new Rune(High[value - 0x80]).EncodeToUtf8(utf8[length..]);
            }
        }
        return length;
    }
}
