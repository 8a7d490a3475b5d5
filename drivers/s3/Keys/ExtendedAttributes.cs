using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kaleidofs.Drivers.S3.Keys;

/// <summary>
/// A user's extended attributes in an object's metadata as s3fs has them: one entry <c>xattr</c>, percent-encoded JSON, an object of names
/// whose values are in base64.
/// </summary>
internal static class ExtendedAttributes
{
    /// <summary>What an object's metadata may have in all, names and values: Amazon's bound.</summary>
    public const int MaxMetadata = 2048;

    private const string Entry = "xattr";
    private const string Namespace = "user.";

    /// <summary>s3fs looks for quotes, and knows no escapes.</summary>
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Whether a name is one that is kept: in the user's namespace, and UTF-8.</summary>
    public static bool TryGetName(ReadOnlySpan<byte> name, out string text)
    {
        text = "";
        if (!name.StartsWith("user."u8) || name.Length == Namespace.Length || !System.Text.Unicode.Utf8.IsValid(name))
        {
            return false;
        }
        text = Encoding.UTF8.GetString(name);
        return true;
    }

    /// <summary>The attributes that metadata has; false if it has something else in their place, which is then nobody's to change.</summary>
    public static bool TryRead(IReadOnlyDictionary<string, string> metadata, out SortedDictionary<string, byte[]> attributes)
    {
        attributes = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        if (metadata.GetValueOrDefault(Entry) is not { Length: > 0 } text)
        {
            return true;
        }
        try
        {
            using var document = JsonDocument.Parse(Uri.UnescapeDataString(text));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Value.ValueKind != JsonValueKind.String || !property.Value.TryGetBytesFromBase64(out byte[]? value))
                {
                    return false;
                }
                attributes[property.Name] = value;
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Metadata with these attributes and no others.</summary>
    public static Dictionary<string, string> Write(IReadOnlyDictionary<string, string> metadata, IReadOnlyDictionary<string, byte[]> attributes)
    {
        Dictionary<string, string> written = new(metadata, StringComparer.OrdinalIgnoreCase);
        written.Remove(Entry);
        if (attributes.Count > 0)
        {
            written[Entry] = Uri.EscapeDataString(JsonSerializer.Serialize(attributes.ToDictionary(pair => pair.Key, pair => Convert.ToBase64String(pair.Value)), Plain));
        }
        return written;
    }

    /// <summary>Whether metadata is what a server takes.</summary>
    public static bool Fits(IReadOnlyDictionary<string, string> metadata)
        => metadata.Sum(pair => Encoding.UTF8.GetByteCount(pair.Key) + Encoding.UTF8.GetByteCount(pair.Value)) <= MaxMetadata;
}
