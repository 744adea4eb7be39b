using System.Management.Automation;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>Pulls the image that fits a platform, this machine's by default, by the short name: into the engine, a layout or an archive.</summary>
[Cmdlet(VerbsCommunications.Receive, "ArchImage", SupportsShouldProcess = true), OutputType(typeof(ArchImage)), Alias("Pull-ArchImage")]
public sealed class ReceiveArchImageCommand : EngineCmdlet
{
    /// <summary>Names of fat manifests or images.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ReferenceInput]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string[] Reference { get; set; } = [];

    /// <summary>A layout, oci:PATH[:TAG], or an archive, oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG], instead of the engine.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string? Destination { get; set; }

    /// <summary>The platform; without it, that of the machine the image comes to.</summary>
    [Parameter]
    [PlatformInput]
    [ValidateCount(1, 1)]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] Platform { get; set; } = [];

    private protected override void Accept()
    {
        foreach (var reference in Reference)
            Start(reference, () => (Locate(reference), Destination is null ? null : Locate(Destination)), ReceiveAsync);
    }

    private async Task ReceiveAsync((ImageReference Reference, ImageReference? Destination) what, CancellationToken cancel)
    {
        var (reference, destination) = what;
        var platform = Platform is [var only] ? Oci.Model.Platform.Parse(only) : null;
        var sentence = $"Receive {reference}{(platform is null ? "" : $" for {platform}")} into {destination ?? (object)"the engine"}";
        if (!await ShouldProcessAsync(sentence).ConfigureAwait(false))
            return;
        var received = await TimedAsync(
            () => destination is null ? Building.Receiver.IntoEngineAsync(reference, platform, cancel) : Building.Receiver.IntoFilesAsync(reference, destination, platform, cancel),
            done => $"Received {done} for {done.Platform}, {ByteSize.Format(done.Size)}").ConfigureAwait(false);
        await WriteAsync(received).ConfigureAwait(false);
    }
}
