using System.Text.Json.Serialization;

namespace Kaleidofs.Drivers.Llm.Chat;

/// <summary>Quotes what a model wrote, so that it stays one line.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class EntryText : JsonSerializerContext;
