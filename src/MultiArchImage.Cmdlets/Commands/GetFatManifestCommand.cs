using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>What names hold: the digest, the media type, and the entries with their platforms; or the document itself, or what its images run.</summary>
[Cmdlet(VerbsCommon.Get, "FatManifest", DefaultParameterSetName = "Entries"), OutputType(typeof(FatManifest), typeof(string), typeof(FatManifestConfig)), Alias("Inspect-FatManifest")]
public sealed class GetFatManifestCommand : RegistryCmdlet
{
    /// <summary>Names, with a tag, a digest, or wildcards in the tag.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ReferenceInput]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string[] Reference { get; set; } = [];

    /// <summary>Ask for the fat manifest alone, in one request: the size and age of its images stay unknown.</summary>
    [Parameter(ParameterSetName = "Entries")]
    public SwitchParameter IndexOnly { get; set; }

    /// <summary>Write the document, byte for byte: encoded as UTF-8 it has the digest.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Raw")]
    public SwitchParameter Raw { get; set; }

    /// <summary>Write what each image runs: entrypoint, environment, labels, layers, and when it was made.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Config")]
    public SwitchParameter Config { get; set; }

    private protected override void Accept()
    {
        foreach (var reference in Reference)
            Start(reference, () => LocatePattern(reference), ReadAsync);
    }

    private async Task ReadAsync(ReferencePattern pattern, CancellationToken cancel)
    {
        var reader = new FatManifestReader(Stores);
        IAsyncEnumerable<object> found = Raw ? reader.ReadRawAsync(pattern, cancel)
            : Config ? reader.ReadConfigsAsync(pattern, cancel)
            : IndexOnly ? reader.ReadAsync(pattern, cancel)
            : reader.ReadWithImagesAsync(pattern, cancel);
        await foreach (var item in found.ConfigureAwait(false))
            await WriteAsync(item).ConfigureAwait(false);
    }
}
