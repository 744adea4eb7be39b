using MultiArchImage.Help.Pages;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Help;

/// <summary>The pages in docs, as the build reads them.</summary>
internal static class Documentation
{
    private static readonly string[] Serving = ["Start-ArchRegistry", "Stop-ArchRegistry"];

    private static readonly Dictionary<string, HelpPage> Pages = Directory.GetFiles(Folder("cmdlets"), "*.md")
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => HelpPageReader.Read(File.ReadAllText(file).ReplaceLineEndings("\n")));

    /// <summary>The cmdlets with a page, by the file's name.</summary>
    public static IEnumerable<string> Cmdlets => Pages.Keys.Order(StringComparer.Ordinal);

    /// <summary>The names of cmdlets for a theory.</summary>
    public static TheoryData<string> CmdletData => [.. Cmdlets];

    /// <summary>Those whose examples serve a registry on this machine.</summary>
    public static TheoryData<string> CmdletsThatServe => [.. Serving];

    /// <summary>All others.</summary>
    public static TheoryData<string> CmdletsThatServeNothing => [.. Cmdlets.Except(Serving)];

    /// <summary>The tour, whose commands run like examples.</summary>
    public static IReadOnlyList<HelpExample> Tour => HelpPageReader.ReadExamples(File.ReadAllText(TourPath).ReplaceLineEndings("\n"));

    public static string TourPath => Folder("tour.md");

    public static HelpPage Page(string cmdlet) => Pages[cmdlet];

    public static string PathOf(string cmdlet) => Path.Combine(Folder("cmdlets"), $"{cmdlet}.md");

    public static string Folder(string name) => Path.Combine(Repository.Root, "docs", name);
}
