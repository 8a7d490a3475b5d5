using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kaleidofs.Host.Configuration;

/// <summary>JSON with comments and trailing commas, read without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.KebabCaseLower,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(HostConfiguration))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
