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

    /// <summary>Its manifest; null where that was not read.</summary>
    public ImageManifest? Image { get; init; }

    /// <summary>Its config; null where that was not read.</summary>
    public ImageConfig? Config { get; init; }

    /// <summary>How large and old it is; null where nobody knows.</summary>
    public ImageFacts? Facts
    {
        get => Image is not null && Config is not null ? ImageFacts.Of(Image, Config) : _facts;
        init => _facts = value;
    }

    public Platform Platform => Entry.Platform!;

    public IEnumerable<Descriptor> Entries => Attestations.Prepend(Entry);
}
