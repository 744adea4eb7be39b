using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>The manifest that a fat manifest is about (image-spec: Image Index, property <c>subject</c>), which lies beside it.</summary>
public sealed record JoinSubject
{
    /// <summary>A subject by digest.</summary>
    public JoinSubject(Digest digest) => Digest = digest;

    /// <summary>A subject by name.</summary>
    public JoinSubject(ImageReference name) => Name = name;

    /// <summary>The name; null where only a digest was given.</summary>
    public ImageReference? Name { get; }

    /// <summary>The digest; null where a name was given.</summary>
    public Digest? Digest { get; }

    /// <summary>The descriptor, as the subject field has it.</summary>
    /// <exception cref="InvalidReferenceException">The subject is in another place than the fat manifest: nobody would find one by the other.</exception>
    /// <exception cref="ManifestNotFoundException">It is not there.</exception>
    internal async Task<Descriptor> ResolveAsync(ImageReference target, IImageStore store, CancellationToken cancel)
    {
        if (Name is not null && Name.Place != target.Place)
            throw new InvalidReferenceException($"{Name}", $"a subject must be in {target.Place}, beside the fat manifest", "copy it there first");
        var found = await store.ResolveAsync(Digest?.ToString() ?? Name!.TagOrDigest, cancel).ConfigureAwait(false);
        return found ?? throw new ManifestNotFoundException($"{Name ?? target.Place.WithDigest(Digest!)}") { Subject = $"{target}" };
    }
}
