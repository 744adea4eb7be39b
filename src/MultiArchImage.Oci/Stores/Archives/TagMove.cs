using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>What a writer wants of the index of an archive.</summary>
/// <param name="Manifest">What the tags are to name.</param>
/// <param name="Tags">The tags.</param>
/// <param name="Repository">The repository that the image is meant for; null where there is none.</param>
internal sealed record TagMove(Descriptor Manifest, IReadOnlyList<string> Tags, ImageReference? Repository)
{
    /// <summary>Says, with the index as it is now, whether the tags may be moved.</summary>
    public Func<LayoutIndex, bool> Condition { get; init; } = _ => true;

    /// <summary>Moves the tags in the index; tells whether anything changed.</summary>
    public bool Apply(LayoutIndex index)
    {
        var changed = false;
        foreach (var tag in Condition(index) ? Tags : [])
            changed |= index.SetTag(tag, Manifest, Repository?.WithTag(tag).FullName);
        return changed;
    }
}
