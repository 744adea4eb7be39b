using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Removal;

/// <summary>Carries a plan out.</summary>
public static class ImageRemover
{
    /// <summary>Removes what the plan says, in its order.</summary>
    /// <exception cref="ManifestNotFoundException">It is not there.</exception>
    /// <exception cref="DeletionDisabledException">The registry lets nobody delete.</exception>
    /// <exception cref="TagNotDeletedException">Deleting a tag failed half-way.</exception>
    /// <exception cref="RemovalIncompleteException">The name is gone, but not all that should go with it.</exception>
    public static async Task RemoveAsync(RemovalPlan plan, CancellationToken cancel)
    {
        var place = (IDeletion)plan.Store;
        var isDeleted = plan.Tag is null
            ? await place.DeleteManifestAsync(plan.Manifests[0].Digest, cancel).ConfigureAwait(false)
            : await place.DeleteTagAsync(plan.Tag, cancel).ConfigureAwait(false);
        if (!isDeleted)
            throw new ManifestNotFoundException($"{plan.Reference}") { Subject = $"{plan.Reference}" };
        await RemoveRestAsync(plan, place, cancel).ConfigureAwait(false);
    }

    // What cannot be deleted keeps nothing else from going; one that is gone already is as it should be.
    private static async Task RemoveRestAsync(RemovalPlan plan, IDeletion place, CancellationToken cancel)
    {
        var left = new List<string>();
        ImageException? cause = null;
        foreach (var manifest in plan.Manifests.Skip(1))
        {
            try
            {
                await place.DeleteManifestAsync(manifest.Digest, cancel).ConfigureAwait(false);
            }
            catch (ImageException failure)
            {
                left.Add($"{plan.Store.Place}@{manifest.Digest}");
                cause ??= failure;
            }
        }
        if (cause is not null)
            throw new RemovalIncompleteException($"{plan.Reference}", left, cause) { Subject = $"{plan.Reference}" };
    }
}
