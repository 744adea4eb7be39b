namespace MultiArchImage.Testbed.PowerShell;

/// <summary>Where this test run's parts lie in the repository.</summary>
public static class Repository
{
    /// <summary>The folder that holds the module's manifest.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The staged module's manifest, as the build left it.</summary>
    public static string ModuleManifest => Directory.GetFiles(Path.Combine(Root, "out", "MultiArchImage"), "MultiArchImage.psd1", SearchOption.AllDirectories)
        .OrderByDescending(File.GetLastWriteTimeUtc)
        .FirstOrDefault() ?? throw new FileNotFoundException("The module is not staged: build src/MultiArchImage.Cmdlets.");

    /// <summary>The Host: the one that was published with the tests, else the one that tests/run.sh names, else the one built in their configuration.</summary>
    public static string Host()
    {
        const string project = "MultiArchImage.Host";
        // tests/platforms/Publish.proj puts the Host, and the module beside it, where the tests are.
        if (Directory.Exists(Path.Combine(AppContext.BaseDirectory, "Modules")))
            return Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? $"{project}.exe" : project);
        if (Environment.GetEnvironmentVariable("MULTIARCHIMAGE_TEST_HOST") is { Length: > 0 } published)
            return published;
        // tests/X.Tests/bin/CONFIGURATION/net10.0/
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var program = Path.Combine(Root, "src", project, "bin", output.Parent!.Name, output.Name, project);
        return OperatingSystem.IsWindows() ? $"{program}.exe" : program;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MultiArchImage.psd1")) && Directory.Exists(Path.Combine(folder.FullName, "src")))
                return folder.FullName;
        }
        throw new DirectoryNotFoundException($"{AppContext.BaseDirectory} does not lie in the repository.");
    }
}
