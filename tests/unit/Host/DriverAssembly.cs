using System.Reflection;
using System.Reflection.Emit;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary>Writes driver assemblies that no compiler would: of another contract, or whose type is none.</summary>
internal static class DriverAssembly
{
    /// <summary>An assembly that declares itself a driver, with a type that is just a class.</summary>
    public static void Write(string path, string name, int contractVersion, params string[] schemes)
    {
        PersistedAssemblyBuilder assembly = new(new AssemblyName(Path.GetFileNameWithoutExtension(path)), typeof(object).Assembly);
        TypeBuilder type = assembly.DefineDynamicModule("module").DefineType("Other.NoDriver", TypeAttributes.Public);
        type.CreateType();
        ConstructorInfo constructor = typeof(DriverAttribute).GetConstructors()[0];
        assembly.SetCustomAttribute(new CustomAttributeBuilder(constructor, [name, type, contractVersion, schemes],
            [typeof(DriverAttribute).GetProperty(nameof(DriverAttribute.Description))!], ["written by a test"]));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        assembly.Save(path);
    }
}
