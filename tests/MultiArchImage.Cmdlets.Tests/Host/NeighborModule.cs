using System.Reflection;
using System.Reflection.Emit;
using MultiArchImage.Testbed;

namespace MultiArchImage.Cmdlets.Tests.Host;

/// <summary>
/// A module of somebody else that brings an assembly by the name of one of ours, in another version, and tells which version it got.
/// </summary>
internal static class NeighborModule
{
    /// <summary>
    /// Writes one; its function is <c>Get-NAME</c>. <c>Newtonsoft.Json</c> goes into a load context of the module's own, as PowerShell has one itself;
    /// all others are loaded where everybody's are.
    /// </summary>
    public static void Write(TemporaryFolder folder, string name, params (string Assembly, string Version)[] assemblies)
    {
        var module = Directory.CreateDirectory(folder[name]).FullName;
        foreach (var (assembly, version) in assemblies)
            Save(Path.Combine(module, $"{assembly}.dll"), new AssemblyName(assembly) { Version = new Version(version) });
        folder.Write($"{name}/{name}.psd1", $$"""
            @{
                RootModule         = '{{name}}.psm1'
                ModuleVersion      = '1.0'
                RequiredAssemblies = {{string.Join(", ", assemblies.Where(one => !IsOfPowerShell(one.Assembly)).Select(one => $"'{one.Assembly}.dll'"))}}
                FunctionsToExport  = 'Get-{{name}}'
            }
            """);
        folder.Write($"{name}/{name}.psm1", $$"""
            $context = [Runtime.Loader.AssemblyLoadContext]::new('{{name}}')
            function Get-{{name}} {
                {{string.Join("; ", assemblies.Select(one => $"{Load(one.Assembly)}.GetName().Version.ToString()"))}}
            }
            """);
    }

    private static bool IsOfPowerShell(string assembly) => assembly == "Newtonsoft.Json";

    private static string Load(string assembly) => IsOfPowerShell(assembly)
        ? $"$context.LoadFromAssemblyPath(\"$PSScriptRoot/{assembly}.dll\")"
        : $"[{Marker(assembly)}].Assembly";

    private static void Save(string file, AssemblyName name)
    {
        var assembly = new PersistedAssemblyBuilder(name, typeof(object).Assembly);
        assembly.DefineDynamicModule(name.Name!).DefineType(Marker(name.Name!), TypeAttributes.Public | TypeAttributes.Class).CreateType();
        assembly.Save(file);
    }

    private static string Marker(string assembly) => $"Neighbor.{assembly.Replace(".", "", StringComparison.Ordinal)}Marker";
}
