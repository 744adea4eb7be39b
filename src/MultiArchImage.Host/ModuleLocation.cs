namespace MultiArchImage.Host;

/// <summary>
/// Makes the module known to the engine's own auto-loading, so that <c>Import-Module MultiArchImage</c> and its cmdlets work as on a
/// machine where it is installed.
/// </summary>
internal static class ModuleLocation
{
    private const string SearchPath = "PSModulePath";

    /// <summary>Puts the folder <c>Modules</c> beside this program before all others. An opened runspace has put the user's first.</summary>
    internal static void Announce()
    {
        var own = Path.Combine(AppContext.BaseDirectory, "Modules");
        var known = Environment.GetEnvironmentVariable(SearchPath);
        Environment.SetEnvironmentVariable(SearchPath, string.IsNullOrEmpty(known) ? own : $"{own}{Path.PathSeparator}{known}");
    }
}
