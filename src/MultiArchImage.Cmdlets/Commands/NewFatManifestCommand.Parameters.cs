using System.Collections;
using System.Management.Automation;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Cmdlets.Commands;

/// <content>What the fat manifest is to be, and the gates before it is pushed.</content>
public sealed partial class NewFatManifestCommand
{
    /// <summary>Tags of the fat manifest: in place of the derived one, or beside that of -Name.</summary>
    [Parameter]
    public string[] Tag { get; set; } = [];

    /// <summary>Platforms without which nothing is pushed.</summary>
    [Parameter]
    [PlatformInput]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[] RequirePlatform { get; set; } = [];

    /// <summary>What all images must have the same of, so that no builds are mixed: Revision, Version, or the name of a label.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public string[] RequireSame { get; set; } = [];

    /// <summary>The digest that the fat manifest must have, as -WhatIf showed it; otherwise nothing is pushed.</summary>
    [Parameter]
    [DigestInput]
    public string? ExpectedDigest { get; set; }

    /// <summary>Platforms of single images, in place of what their configs say: @{ 'k8s-arm64-latest' = 'linux/arm64/v8' }. The keys are names, tags or digests.</summary>
    [Parameter]
    public Hashtable? PlatformMap { get; set; }

    /// <summary>The platform whose images have the fat manifest's own name, without an architecture: svc:1.0 beside svc-arm64:1.0.</summary>
    [Parameter]
    [PlatformInput]
    [ValidateCount(1, 1)]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    public string[]? UnmarkedPlatform { get; set; }

    /// <summary>
    /// Look at the programs too: what an image runs first must be made for its platform. A base that was pulled for the wrong machine leaves a
    /// config that says the right one. Where no program tells, images for two platforms may not have the same layers. Layers are downloaded as far as
    /// that takes.
    /// </summary>
    [Parameter]
    public SwitchParameter Deep { get; set; }

    /// <summary>Join an image although its config contradicts its name or -PlatformMap, its program its config, or its layers are another platform's.</summary>
    [Parameter]
    public SwitchParameter AllowPlatformMismatch { get; set; }

    /// <summary>Leave out provenance and SBOMs of the images.</summary>
    [Parameter]
    public SwitchParameter NoAttestation { get; set; }

    /// <summary>The kind of document: a Docker manifest list, an OCI index, or what fits the images.</summary>
    [Parameter]
    public FatManifestFormat Format { get; set; }

    /// <summary>Annotations of the fat manifest; it is then an OCI index.</summary>
    [Parameter]
    public Hashtable? Annotation { get; set; }

    /// <summary>Annotations of entries by platform: @{ 'linux/arm64' = @{ key = 'value' } }; it is then an OCI index.</summary>
    [Parameter]
    public Hashtable? EntryAnnotation { get; set; }

    /// <summary>The manifest in the same repository that the fat manifest is about, a name or digest; it is then an OCI index.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReferenceCompleter))]
    public string? Subject { get; set; }

    /// <summary>The kind of artifact that the fat manifest is, a media type; it is then an OCI index.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ArtifactType { get; set; }

    /// <summary>The tag that keeps what each tag held before; {tag} stands for that tag, {digest} for the start of the digest that it held.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(KeptTagCompleter))]
    public string? KeepPreviousAs { get; set; }

    /// <summary>Of two images for one platform, take the last.</summary>
    [Parameter]
    public SwitchParameter Replace { get; set; }

    /// <summary>Push without looking at what the name holds now.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    private JoinRequest Request() => new()
    {
        Name = _names is [var first, ..] ? first : _template?.ShortName,
        OtherNames = [.. _names.Skip(1)],
        Tags = Tag,
        RequiredPlatforms = Platforms(RequirePlatform),
        RequiredSame = RequireSame,
        ExpectedDigest = ExpectedDigest is null ? null : Digest.Parse(ExpectedDigest),
        PickedPlatforms = _template is null ? Platforms(Platform) : [],
        Platforms = new PlatformMap(PlatformMap.ToStrings().ToDictionary(pair => LocateKey(pair.Key), pair => Maps.ToPlatform(pair.Value))),
        UnmarkedPlatform = Unmarked,
        AllowPlatformMismatch = AllowPlatformMismatch,
        Deep = Deep,
        NoAttestation = NoAttestation,
        Format = Format,
        Annotations = Annotation.ToStrings(),
        EntryAnnotations = EntryAnnotation.ToMaps().ToDictionary(pair => Maps.ToPlatform(pair.Key), pair => pair.Value),
        Subject = Subject is null ? null : ToSubject(Subject),
        ArtifactType = ArtifactType,
        KeepPreviousAs = KeepPreviousAs,
        Replace = Replace,
        Force = Force,
        IgnoreMissing = IgnoreMissing,
    };

    private Platform? Unmarked => UnmarkedPlatform is [var only] ? Oci.Model.Platform.Parse(only) : null;

    private JoinSubject ToSubject(string text) => Digest.TryParse(text, out var digest) ? new JoinSubject(digest) : new JoinSubject(Locate(text).OrLatest());

    // A tag or digest stays as it is; the path of a layout is relative to the session's location.
    private string LocateKey(string key) => Locate(key) is { IsFile: true } file ? $"{file}" : key;

    private static List<Platform> Platforms(string[] texts) => [.. texts.Select(Oci.Model.Platform.Parse)];
}
