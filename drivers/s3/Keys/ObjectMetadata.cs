using System.Globalization;

namespace Kaleidofs.Drivers.S3.Keys;

/// <summary>
/// Owner, mode and times in an object's metadata, under the names that s3fs and rclone use: <c>mode</c> (st_mode, decimal), <c>uid</c>, <c>gid</c>,
/// <c>mtime</c> (seconds since 1970, with a fraction).
/// </summary>
internal static class ObjectMetadata
{
    private const string Mode = "mode";
    private const string UserId = "uid";
    private const string GroupId = "gid";
    private const string ModificationTime = "mtime";
    private const uint Permissions = 0xFFF;

    /// <summary>Puts what the metadata says into attributes, whose type stays; what is not a number says nothing.</summary>
    public static void Read(IReadOnlyDictionary<string, string> metadata, ref Attributes attributes)
    {
        if (TryGetNumber(metadata, Mode, out uint mode))
        {
            attributes.Mode = (attributes.Mode & FileType.Mask) | (mode & Permissions);
        }
        if (TryGetNumber(metadata, UserId, out uint user))
        {
            attributes.UserId = user;
        }
        if (TryGetNumber(metadata, GroupId, out uint group))
        {
            attributes.GroupId = group;
        }
        if (metadata.GetValueOrDefault(ModificationTime) is { } text && TryParseTime(text, out Timestamp time))
        {
            attributes.ModificationTime = time;
        }
    }

    /// <summary>What attributes are to be found by, beside what else an object's metadata has.</summary>
    public static Dictionary<string, string> Write(in Attributes attributes, IReadOnlyDictionary<string, string>? others = null)
    {
        Dictionary<string, string> metadata = new(others ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase)
        {
            [Mode] = attributes.Mode.ToString(CultureInfo.InvariantCulture),
            [UserId] = attributes.UserId.ToString(CultureInfo.InvariantCulture),
            [GroupId] = attributes.GroupId.ToString(CultureInfo.InvariantCulture),
            [ModificationTime] = Format(attributes.ModificationTime),
        };
        return metadata;
    }

    private static string Format(Timestamp time)
        => time.Nanoseconds == 0
            ? time.Seconds.ToString(CultureInfo.InvariantCulture)
            : ((decimal)time.Seconds + (time.Nanoseconds / 1_000_000_000m)).ToString("0.000000000", CultureInfo.InvariantCulture);

    private static bool TryGetNumber(IReadOnlyDictionary<string, string> metadata, string name, out uint number)
        => uint.TryParse(metadata.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static bool TryParseTime(string text, out Timestamp time)
    {
        time = default;
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal seconds)
            || Math.Abs(seconds) > 1e12m)
        {
            return false;
        }
        decimal whole = Math.Floor(seconds);
        time = new Timestamp((long)whole, (uint)((seconds - whole) * 1_000_000_000));
        return true;
    }
}
