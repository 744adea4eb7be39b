namespace MultiArchImage.Testbed.PowerShell;

/// <summary>The repository that a test runs in, and what its build left there.</summary>
public static class Repository
{
    /// <summary>The repository's root: where the solution is.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release, as this test was built.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The manifest of the module as the build staged it, for <c>Import-Module</c>.</summary>
    public static string ModuleManifest { get; } = Path.Combine(Root, "out", "MultiArchImage", ModuleVersion(), "MultiArchImage.psd1");

    /// <summary>The Host as it was built.</summary>
    public static string HostAssembly { get; } =
        Path.Combine(Root, "src", "MultiArchImage.Host", "bin", Configuration, "net10.0", "MultiArchImage.Host.dll");

    /// <summary>The tests are built from the same <c>Version</c> property as the module.</summary>
    private static string ModuleVersion() => typeof(Repository).Assembly.GetName().Version!.ToString(3);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "MultiArchPS.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is in no repository of the module.");
        return folder.FullName;
    }
}
