using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Stores;

/// <summary>What a tag holds.</summary>
/// <param name="Tag">The tag; null for an entry of a layout's <c>index.json</c> that has none.</param>
/// <param name="Manifest">What it holds.</param>
public sealed record HeldTag(string? Tag, Descriptor Manifest);
