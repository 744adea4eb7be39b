using MultiArchImage.Oci.Naming;

namespace MultiArchImage;

/// <summary>What the property <c>Location</c> of the public objects says.</summary>
internal static class Locations
{
    /// <summary>Where an image is that was read from, or written to, a place; one in the engine is called by a name too.</summary>
    public static string Of(ImageReference reference) => reference.Kind switch
    {
        ReferenceKind.Name => "Registry",
        ReferenceKind.OciLayout => "Layout",
        _ => "Archive",
    };
}
