using System.Management.Automation;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Handoff;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Reads the images that Export-ArchImage wrote, in another job or on another node. They are looked for again where they are used.</summary>
[Cmdlet(VerbsData.Import, "ArchImage"), OutputType(typeof(ArchImage))]
public sealed class ImportArchImageCommand : AsyncCmdlet
{
    /// <summary>Files, with wildcards: images-*.json.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Path", ValueFromPipeline = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    /// <summary>Files by their very names, in which brackets are brackets.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    private protected override void Accept()
    {
        foreach (var path in LiteralPath)
            Start(path, () => new ImageFile(SessionState.Path.GetUnresolvedProviderPathFromPSPath(path)), ReadAsync);
        foreach (var path in Path)
        {
            foreach (var file in Resolve(path))
                Start(file, () => new ImageFile(file), ReadAsync);
        }
    }

    private async Task ReadAsync(ImageFile file, CancellationToken cancel)
    {
        foreach (var image in await file.ReadAsync(cancel).ConfigureAwait(false))
            await WriteAsync(image).ConfigureAwait(false);
    }

    // A name without wildcards that is not there is the file's own failure, which says what to do.
    private IEnumerable<string> Resolve(string path) => WildcardPattern.ContainsWildcardCharacters(path)
        ? SessionState.Path.GetResolvedProviderPathFromPSPath(path, out _)
        : [SessionState.Path.GetUnresolvedProviderPathFromPSPath(path)];
}
