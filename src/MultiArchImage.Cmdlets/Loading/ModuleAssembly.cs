using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;
using MultiArchImage.Oci.Layers;

namespace MultiArchImage.Cmdlets.Loading;

/// <summary>
/// Keeps the module's third-party assemblies to itself. PowerShell loads the cmdlets and the public objects (Oci) into the default context;
/// when a cmdlet first needs <c>MultiArchImage.Building</c>, this answers for that one name with an assembly of the module's own context, where all
/// that it needs (Docker.DotNet, Protobuf, …) loads from <c>dependencies</c>. Another module's versions of them are not disturbed, nor are we by them.
/// </summary>
public sealed class ModuleAssembly : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private const string Entrance = "MultiArchImage.Building";

    // One for the process: several runspaces import the module, and types must be the same in all of them.
    private static readonly DependencyContext Context = new(
        Path.Combine(Path.GetDirectoryName(typeof(ModuleAssembly).Assembly.Location)!, "dependencies"));

    /// <summary>Called at import, once a runspace.</summary>
    public void OnImport()
    {
        AssemblyLoadContext.Default.Resolving -= Resolve;
        AssemblyLoadContext.Default.Resolving += Resolve;
        LayerCompression.UseZstd(LayerUnpacking.OpenZstd);
    }

    /// <summary>Called at removal. Other runspaces may still have the module, and its types cannot be unloaded: the handler stays.</summary>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
    }

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == Entrance ? Context.LoadFromAssemblyName(name) : null;

    private sealed class DependencyContext(string folder) : AssemblyLoadContext("MultiArchImage")
    {
        // What does not lie in the folder (Oci, Newtonsoft.Json, the framework) comes from the default context, so that both sides share its types.
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var path = Path.Combine(folder, $"{assemblyName.Name}.dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }
    }
}
