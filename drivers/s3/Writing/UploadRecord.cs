using System.Text.Json.Serialization;

namespace Kaleidofs.Drivers.S3.Writing;

/// <summary>What is noted of an upload: this as a line of JSON, and its number in the next, once the server has told it.</summary>
/// <param name="Endpoint">The server.</param>
/// <param name="Bucket">The bucket.</param>
/// <param name="Key">The key.</param>
/// <param name="Begun">When it was begun.</param>
internal sealed record UploadRecord(string Endpoint, string Bucket, string Key, DateTimeOffset Begun)
{
    /// <summary>Its number; null if the process died before it had it.</summary>
    [JsonIgnore]
    public string? Upload { get; init; }
}
