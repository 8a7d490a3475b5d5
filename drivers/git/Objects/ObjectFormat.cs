namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>How a repository names its objects (extensions.objectFormat).</summary>
internal sealed class ObjectFormat
{
    private ObjectFormat(string name, int idLength)
    {
        Name = name;
        IdLength = idLength;
    }

    public static ObjectFormat Sha1 { get; } = new("sha1", 20);

    public static ObjectFormat Sha256 { get; } = new("sha256", 32);

    public string Name { get; }

    /// <summary>Bytes of an object's name, and of the checksums at the end of packs and their indexes.</summary>
    public int IdLength { get; }

    public static ObjectFormat? Find(string name) => name == Sha1.Name ? Sha1 : name == Sha256.Name ? Sha256 : null;
}
