namespace MultiArchImage.Host;

/// <summary>
/// Makes the module known to the engine's own auto-loading, so that <c>Import-Module MultiArchImage</c> and its cmdlets work as on a
/// machine where it is installed.
/// </summary>
/// <remarks>A published Host has it in its folder <c>Modules</c>; one that was built in the repository uses what the build staged.</remarks>
internal static class ModuleLocation
{
    private const string SearchPath = "PSModulePath";

    /// <summary>Puts this program's module before all others. An opened runspace has put the user's and the machine's first.</summary>
    internal static void Announce()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "Modules");
        if ((Directory.Exists(beside) ? beside : FindStaged()) is not { } own)
            return;
        var known = Environment.GetEnvironmentVariable(SearchPath);
        Environment.SetEnvironmentVariable(SearchPath, string.IsNullOrEmpty(known) ? own : $"{own}{Path.PathSeparator}{known}");
    }

    /// <summary>The repository's <c>out</c> folder; null elsewhere.</summary>
    private static string? FindStaged()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var staged = Path.Combine(folder.FullName, "out");
            if (Directory.Exists(Path.Combine(staged, "MultiArchImage")) && File.Exists(Path.Combine(folder.FullName, "MultiArchImage.psd1")))
                return staged;
        }
        return null;
    }
}
