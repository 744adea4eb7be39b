using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Stores;

/// <summary>An image as a place of files lists it.</summary>
/// <param name="Reference">What reads it: by its tag, or by its digest where it has no tag or several images have the same.</param>
/// <param name="Tag">Its tag; null where it has none.</param>
/// <param name="IntendedName">The name in a registry that it is meant for; null where the place does not say.</param>
public sealed record NamedImage(ImageReference Reference, string? Tag, ImageReference? IntendedName);
