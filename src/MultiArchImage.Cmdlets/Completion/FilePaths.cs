using System.Management.Automation;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>References to files, as they are written.</summary>
internal static class FilePaths
{
    private static readonly string[] Schemes = ["oci:", "oci-archive:", "docker-archive:"];

    private static readonly EnumerationOptions Visible = new() { IgnoreInaccessible = true };

    /// <summary>What a reference to a file begins with; empty where it is none.</summary>
    public static string SchemeOf(string word) => Schemes.FirstOrDefault(scheme => word.StartsWith(scheme, StringComparison.Ordinal)) ?? "";

    /// <summary>The files and folders that the path may become. On the pipeline thread.</summary>
    public static IEnumerable<string> Find(string word, string scheme)
    {
        var path = word[scheme.Length..];
        var name = path.LastIndexOfAny(['/', '\\']) + 1;
        var folder = new DirectoryInfo(ToFull(name == 0 ? "." : path[..name]));
        return folder.Exists
            ? folder.EnumerateFileSystemInfos($"{path[name..]}*", Visible).Select(found => scheme + path[..name] + found.Name).Order(StringComparer.Ordinal)
            : [];
    }

    /// <summary>The whole of a path that is relative to the session's location. On the pipeline thread.</summary>
    public static string ToFull(string path)
    {
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell.AddScript("$ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($args[0])").AddArgument(path).Invoke<string>().Single();
    }
}
