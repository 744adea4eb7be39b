using System.Text.RegularExpressions;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Help;

/// <summary>
/// Where the examples of a page run, one after the other: a folder with the example program in <c>hello</c>, and a real registry in the place
/// of <c>hub.example.com</c>, which holds <c>team/app:1.0</c>, a fat manifest of <c>amd64-1.0</c> and <c>arm64-1.0</c>. The same images are in
/// the layout <c>build</c>.
/// </summary>
/// <remarks>The names in the pages are as long as those that they stand for, so that tables stay as wide as they are.</remarks>
internal sealed partial class ExampleWorld : IAsyncDisposable
{
    // As long as 127.0.0.1:12345.
    private const string RegistryName = "hub.example.com";

    // As long as /tmp/ or C:\ and what is missing.
    private const string FolderName = "/home/me/app";

    // One at a time, so that what runs beside each other ends in the same order in every run.
    private const string Before =
        """
        $PSDefaultParameterValues = @{ '*:ThrottleLimit' = 1 }
        New-ArchImage hello -Repository hub.example.com/team/app -Tag '{arch}-1.0' -Platform linux/amd64, linux/arm64 -Output oci:build `
            -Label @{ 'org.opencontainers.image.revision' = '5b79c4a' } |
            Publish-ArchImage -Destination hub.example.com/team/app | New-FatManifest
        """;

    private readonly string _folder = OperatingSystem.IsWindows()
        ? Path.Combine(Path.GetPathRoot(Path.GetTempPath())!, $"t-{Path.GetRandomFileName()[..7]}")
        : Path.Combine("/tmp", Path.GetRandomFileName()[..7]);
    private readonly PowerShellSession _session = new();
    private readonly RegistryProcess _registry;

    private ExampleWorld(RegistryProcess registry) => _registry = registry;

    public static async Task<ExampleWorld> CreateAsync()
    {
        var world = new ExampleWorld(await RegistryProcess.StartAsync());
        var hello = Directory.CreateDirectory(Path.Combine(world._folder, "hello")).FullName;
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "docs", "examples", "hello")))
        {
            var copy = Path.Combine(hello, Path.GetFileName(file));
            File.Copy(file, copy);
            // An image is as old as its newest file.
            File.SetLastWriteTimeUtc(copy, DateTime.UtcNow);
        }
        world._session.Location = world._folder;
        (await world._session.RunAsync(world.Located(Before))).WithoutErrors();
        return world;
    }

    /// <summary>Runs the commands of an example.</summary>
    /// <returns>What a user sees, and the ids of the errors.</returns>
    public async Task<(string Shown, IReadOnlyList<string> Errors)> RunAsync(string code)
    {
        await _session.RunAsync("$Error.Clear()");
        var shown = await _session.ShowAsync(Located(code));
        var errors = await _session.RunAsync("$Error | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] }");
        return (AsOnPage(shown), [.. errors.Output.Select(id => $"{id}")]);
    }

    /// <summary>A text without what differs from run to run and from machine to machine: digests, sizes, ages and times.</summary>
    public static string Normal(string shown) => Varying().Replace(shown.Trim(), "x");

    public async ValueTask DisposeAsync()
    {
        _session.Dispose();
        await _registry.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private string Located(string code) => code.Replace(RegistryName, _registry.Host, StringComparison.Ordinal);

    private string AsOnPage(string shown) => string.Join('\n', shown
        .Replace(_registry.Host, RegistryName, StringComparison.Ordinal)
        .Replace(_folder, FolderName, StringComparison.Ordinal)
        .Replace('\\', '/')
        .ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).Trim('\n');

    [GeneratedRegex(@"[0-9a-f]{12,64}| *\d+(\.\d+)? ([KMG]?B|bytes)\b|just now|\d+ \w+ ago|\d{4}-\d\d-\d\d[T ][\d:.+Z]*")]
    private static partial Regex Varying();
}
