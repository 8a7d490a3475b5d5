using System.Globalization;

namespace Kaleidofs.Tests.Posix;

/// <summary>asm-generic/errno.h, as far as the cases name it.</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EBADF = 9;
    public const int ENXIO = 6;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int EXDEV = 18;
    public const int ENOTDIR = 20;
    public const int EISDIR = 21;
    public const int EINVAL = 22;
    public const int ENOTTY = 25;
    public const int EROFS = 30;
    public const int ERANGE = 34;
    public const int ENAMETOOLONG = 36;
    public const int ENOTEMPTY = 39;
    public const int ELOOP = 40;
    public const int ENODATA = 61;
    public const int EOPNOTSUPP = 95;

    public static string Name(long value)
    {
        System.Reflection.FieldInfo? field = Array.Find(
            typeof(Errno).GetFields(), field => (int)field.GetRawConstantValue()! == value);
        return field?.Name ?? "errno " + value.ToString(CultureInfo.InvariantCulture);
    }
}
