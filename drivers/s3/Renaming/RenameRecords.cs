using System.Text.Json.Serialization;

namespace Kaleidofs.Drivers.S3.Renaming;

/// <summary>Notes of renames as JSON, without reflection.</summary>
[JsonSerializable(typeof(RenameRecord))]
[JsonSerializable(typeof(RenamedObject))]
internal sealed partial class RenameRecords : JsonSerializerContext;
