namespace MultiArchImage.Host;

/// <summary>Where the module lies that scripts load by name.</summary>
internal static class ModuleFolder
{
    private const string ModuleName = "MultiArchImage";

    /// <summary>
    /// The folder that holds <c>MultiArchImage/VERSION</c>: the Host's own where it was shipped with the module, else <c>out/</c> of the
    /// repository that the Host was built in. Null where there is neither: then the user's own module folders serve.
    /// </summary>
    public static string? Find() => Candidates().FirstOrDefault(HoldsModule);

    /// <summary>
    /// Puts the folder before the others of PSModulePath. To be called once the engine runs: as it starts it puts its own folders first.
    /// </summary>
    public static void AddToModulePath(string folder)
    {
        const string Variable = "PSModulePath";
        Environment.SetEnvironmentVariable(Variable, $"{folder}{Path.PathSeparator}{Environment.GetEnvironmentVariable(Variable)}");
    }

    private static IEnumerable<string> Candidates()
    {
        yield return AppContext.BaseDirectory;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "out");
    }

    private static bool HoldsModule(string folder)
    {
        var module = Path.Combine(folder, ModuleName);
        return Directory.Exists(module)
            && Directory.EnumerateDirectories(module).Any(version => File.Exists(Path.Combine(version, ModuleName + ".psd1")));
    }
}
