using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Kaleidofs.Host.Loading;

/// <summary>Finds <see cref="DriverAttribute"/> in an assembly's metadata. No code of the assembly is loaded or run.</summary>
internal static class DriverManifestReader
{
    /// <summary>The declaration; null for an assembly that declares no driver.</summary>
    /// <exception cref="BadImageFormatException">Not a .NET assembly, or a declaration that this host cannot read.</exception>
    public static DriverManifest? Read(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        using PEReader image = new(file);
        if (!image.HasMetadata)
        {
            return null;
        }
        MetadataReader metadata = image.GetMetadataReader();
        if (!metadata.IsAssembly)
        {
            return null;
        }
        foreach (CustomAttributeHandle handle in metadata.GetAssemblyDefinition().GetCustomAttributes())
        {
            CustomAttribute attribute = metadata.GetCustomAttribute(handle);
            if (IsDriverAttribute(metadata, attribute))
            {
                return Decode(path, metadata.GetBlobReader(attribute.Value));
            }
        }
        return null;
    }

    private static bool IsDriverAttribute(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference)
        {
            return false;
        }
        MemberReference constructor = metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor);
        if (constructor.Parent.Kind != HandleKind.TypeReference)
        {
            return false;
        }
        TypeReference type = metadata.GetTypeReference((TypeReferenceHandle)constructor.Parent);
        return metadata.StringComparer.Equals(type.Name, nameof(DriverAttribute))
            && metadata.StringComparer.Equals(type.Namespace, nameof(Kaleidofs));
    }

    /// <summary>Reads the attribute's value (ECMA-335, II.23.3), of the few types that it is declared with.</summary>
    private static DriverManifest Decode(string path, BlobReader value)
    {
        const ushort Prolog = 1;
        if (value.ReadUInt16() != Prolog)
        {
            throw Unknown();
        }
        string name = value.ReadSerializedString() ?? throw Unknown();
        // Some compilers write the assembly's name behind the type's.
        string type = (value.ReadSerializedString() ?? throw Unknown()).Split(',')[0];
        int version = value.ReadInt32();
        DriverManifest manifest = new(path, name, type, version, ReadTexts(ref value), "");
        for (int remaining = value.ReadUInt16(); remaining > 0; remaining--)
        {
            // That it is a property: there are no fields.
            value.ReadByte();
            SerializationTypeCode kind = value.ReadSerializationTypeCode();
            if (kind == SerializationTypeCode.SZArray && value.ReadSerializationTypeCode() != SerializationTypeCode.String)
            {
                throw Unknown();
            }
            string? property = value.ReadSerializedString();
            manifest = (property, kind) switch
            {
                (nameof(DriverAttribute.Description), SerializationTypeCode.String) => manifest with { Description = value.ReadSerializedString() ?? "" },
                (nameof(DriverAttribute.Network), SerializationTypeCode.Boolean) => manifest with { UsesNetwork = value.ReadBoolean() },
                (nameof(DriverAttribute.NetworkOptions), SerializationTypeCode.SZArray) => manifest with { NetworkOptions = ReadTexts(ref value) },
                (nameof(DriverAttribute.Reads), SerializationTypeCode.SZArray) => manifest with { Reads = ReadTexts(ref value) },
                (nameof(DriverAttribute.Writes), SerializationTypeCode.SZArray) => manifest with { Writes = ReadTexts(ref value) },
                (nameof(DriverAttribute.Workers), SerializationTypeCode.Boolean) => manifest with { StartsWorkers = value.ReadBoolean() },
                _ => throw Unknown(),
            };
        }
        return manifest;
    }

    private static string[] ReadTexts(ref BlobReader value)
    {
        int count = value.ReadInt32();
        // None at all is written as -1; a text takes at least a byte.
        if (count > value.RemainingBytes)
        {
            throw Unknown();
        }
        string[] texts = new string[Math.Max(count, 0)];
        for (int index = 0; index < texts.Length; index++)
        {
            texts[index] = value.ReadSerializedString() ?? throw Unknown();
        }
        return texts;
    }

    private static BadImageFormatException Unknown() => new("it declares itself as a driver in a way that this host does not know");
}
