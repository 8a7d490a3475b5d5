using System.Security.Cryptography;
using Kaleidofs.Trees;

namespace Kaleidofs.Drivers.Archive.Tar;

/// <summary>One object for all entries with the same extended attributes: a labelled system has a few hundred sets for a million files.</summary>
internal sealed class AttributeInterner(TreeBuilder builder)
{
    private const int MaxSets = 65536;

    private readonly Dictionary<string, ExtendedAttributeSet> _sets = new(StringComparer.Ordinal);

    /// <summary>The object for these attributes.</summary>
    public ExtendedAttributeSet Intern(IReadOnlyList<(byte[] Name, byte[] Value)> attributes)
    {
        string key = GetKey(attributes);
        if (!_sets.TryGetValue(key, out ExtendedAttributeSet? set))
        {
            builder.CountMetadata(attributes.Sum(attribute => attribute.Name.Length + (long)attribute.Value.Length + 128));
            set = new ExtendedAttributeSet(attributes);
            if (_sets.Count < MaxSets)
            {
                _sets.Add(key, set);
            }
        }
        return set;
    }

    private static string GetKey(IReadOnlyList<(byte[] Name, byte[] Value)> attributes)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> lengths = stackalloc byte[2 * sizeof(int)];
        foreach ((byte[] name, byte[] value) in attributes)
        {
            BitConverter.TryWriteBytes(lengths, name.Length);
            BitConverter.TryWriteBytes(lengths[sizeof(int)..], value.Length);
            hash.AppendData(lengths);
            hash.AppendData(name);
            hash.AppendData(value);
        }
        return Convert.ToBase64String(hash.GetHashAndReset());
    }
}
