using System.Collections.Immutable;
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
                return Decode(path, attribute);
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

    private static DriverManifest Decode(string path, CustomAttribute attribute)
    {
        CustomAttributeValue<string> value = attribute.DecodeValue(TypeNames.Instance);
        ImmutableArray<CustomAttributeTypedArgument<string>> arguments = value.FixedArguments;
        if (arguments is not [{ Value: string name }, { Value: string type }, { Value: int version }, { Value: ImmutableArray<CustomAttributeTypedArgument<string>> schemes }])
        {
            throw new BadImageFormatException("it declares itself as a driver in a way that this host does not know");
        }
        // Some compilers write the assembly's name behind the type's.
        return new DriverManifest(path, name, type.Split(',')[0], version, Texts(schemes), Named(nameof(DriverAttribute.Description)) as string ?? "")
        {
            UsesNetwork = Named(nameof(DriverAttribute.Network)) is true,
            Reads = Texts(Named(nameof(DriverAttribute.Reads))),
            Writes = Texts(Named(nameof(DriverAttribute.Writes))),
        };

        object? Named(string property) => value.NamedArguments.FirstOrDefault(argument => argument.Name == property).Value;
    }

    private static string[] Texts(object? array)
        => array is ImmutableArray<CustomAttributeTypedArgument<string>> elements ? [.. elements.Select(element => (string)element.Value!)] : [];

    /// <summary>Types by their names: all that a declaration's few arguments need.</summary>
    private sealed class TypeNames : ICustomAttributeTypeProvider<string>
    {
        public static readonly TypeNames Instance = new();

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSystemType() => "System.Type";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
            => reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = reader.GetTypeReference(handle);
            return reader.GetString(type.Namespace) + "." + reader.GetString(type.Name);
        }

        public string GetTypeFromSerializedName(string name) => name;

        public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

        public bool IsSystemType(string type) => type == "System.Type";
    }
}
