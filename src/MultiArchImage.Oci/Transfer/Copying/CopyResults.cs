using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>What a copy came to, as objects: a fat manifest or an image for each name.</summary>
public static class CopyResults
{
    /// <summary>The objects of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="isDone">Whether it was carried out.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<IReadOnlyList<object>> OfAsync(CopyPlan plan, bool isDone, CancellationToken cancel)
    {
        var document = plan.Tree.Document;
        if (document.IsIndex)
        {
            var index = ImageIndex.Parse(document);
            var sizes = plan.Tree.Children.Where(child => MediaTypes.IsImageManifest(child.Document.MediaType))
                .Select(child => new ImageFacts($"{child.Document.Digest}", ImageManifest.Parse(child.Document).ContentSize, null)).ToList();
            return [.. plan.Targets.Select(target => FatManifest.Of(target.Name, index).With(sizes) with
            {
                PreviousDigest = target.Previous?.ToString(), Status = isDone ? plan.Outcome(target) : "Planned",
            })];
        }
        var image = ImageManifest.Parse(document);
        if (!image.IsImage)
            return [.. plan.Targets.Select(target => new ArchImage { Reference = $"{target.Name}" }.At(target.Name) with
            {
                Digest = $"{document.Digest}", MediaType = document.MediaType, ManifestSize = document.Bytes.Length, Size = image.ContentSize,
            })];
        var config = await plan.From.ReadConfigAsync(image, cancel).ConfigureAwait(false);
        return [.. plan.Targets.Select(target => ArchImage.Of(target.Name, document.ToDescriptor(), image, config))];
    }
}
