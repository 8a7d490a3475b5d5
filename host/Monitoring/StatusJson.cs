using System.Text.Json.Serialization;

namespace Kaleidofs.Host.Monitoring;

/// <summary>The status in JSON, written and read without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(HostStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
