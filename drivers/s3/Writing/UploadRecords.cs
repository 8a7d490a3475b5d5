using System.Text.Json.Serialization;

namespace Kaleidofs.Drivers.S3.Writing;

/// <summary>The journal's records as JSON, without reflection.</summary>
[JsonSerializable(typeof(UploadRecord))]
internal sealed partial class UploadRecords : JsonSerializerContext;
