namespace Kaleidofs.Drivers.Git.Objects;

/// <summary>How a repository names its objects (extensions.objectFormat).</summary>
internal sealed class ObjectFormat
{
    private ObjectFormat(string name, int idLength, string emptyTree)
    {
        Name = name;
        IdLength = idLength;
        ObjectId.TryParse(System.Text.Encoding.ASCII.GetBytes(emptyTree), this, out ObjectId empty);
        EmptyTree = empty;
    }

    public static ObjectFormat Sha1 { get; } = new("sha1", 20, "4b825dc642cb6eb9a060e54bf8d69288fbee4904");

    public static ObjectFormat Sha256 { get; } = new("sha256", 32, "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321");

    public string Name { get; }

    /// <summary>Bytes of an object's name, and of the checksums at the end of packs and their indexes.</summary>
    public int IdLength { get; }

    /// <summary>The tree without entries, which git knows without its being there.</summary>
    public ObjectId EmptyTree { get; }

    public static ObjectFormat? Find(string name) => name == Sha1.Name ? Sha1 : name == Sha256.Name ? Sha256 : null;
}
