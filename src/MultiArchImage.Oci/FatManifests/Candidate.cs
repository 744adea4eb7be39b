using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>An image that was looked at and may become an entry.</summary>
/// <param name="Reference">The name that it came by.</param>
/// <param name="Store">Where it is.</param>
/// <param name="Entry">Its manifest, with the platform that its config states.</param>
/// <param name="Attestations">Provenance and SBOMs that follow it.</param>
internal sealed record Candidate(ImageReference Reference, IImageStore Store, Descriptor Entry, IReadOnlyList<Descriptor> Attestations)
{
    private readonly ImageFacts? _facts;

    /// <summary>Its manifest and config; null where those were not read.</summary>
    public ImageContent? Content { get; init; }

    /// <summary>How large and old it is; null where nobody knows.</summary>
    public ImageFacts? Facts
    {
        get => Content is { } content ? ImageFacts.Of(content.Image, content.Config) : _facts;
        init => _facts = value;
    }

    public Platform Platform => Entry.Platform!;

    public IEnumerable<Descriptor> Entries => Attestations.Prepend(Entry);
}
