using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Http;

namespace MultiArchImage.Oci.Registry;

/// <summary>
/// Deletes tags and manifests of a repository (distribution-spec: Content Management). A registry may refuse to delete a tag
/// (distribution-spec: Deleting tags); CNCF Distribution 2 does, and deletes every tag of a manifest with it. There the tag is moved to a
/// <see cref="StandIn"/> that no other tag can hold, whose deletion takes this tag and no other.
/// </summary>
internal sealed class Deletion(RegistryClient client, RegistryStore store)
{
    private readonly ImageReference _place = store.Place;

    // Found out with the first tag, and true of all.
    private volatile bool _needsStandIns;

    public async Task<bool> DeleteTagAsync(string tag, CancellationToken cancel)
    {
        if (!_needsStandIns)
        {
            var (isDeleted, refusal) = await DeleteAsync(tag, cancel).ConfigureAwait(false);
            if (refusal is null)
                return isDeleted;
            await RequireAllowedAsync(cancel).ConfigureAwait(false);
            client.Tell($"{_place.Registry} deletes no tags: each is moved to a stand-in that only it holds, and goes with that");
            _needsStandIns = true;
        }
        if (await store.ResolveAsync(tag, cancel).ConfigureAwait(false) is not { } held)
            return false;
        await ReplaceAndDeleteAsync(tag, held.Digest, cancel).ConfigureAwait(false);
        return true;
    }

    public async Task<bool> DeleteManifestAsync(Digest digest, CancellationToken cancel)
    {
        var (isDeleted, refusal) = await DeleteAsync($"{digest}", cancel).ConfigureAwait(false);
        if (refusal is null)
            return isDeleted;
        // A refusal of this one manifest (one that a policy protects) is not a refusal of all.
        await RequireAllowedAsync(cancel).ConfigureAwait(false);
        throw refusal;
    }

    // Before a tag is moved: what deletes nothing must not have it moved. A digest that is nowhere is 404 where deletion is allowed.
    private async Task RequireAllowedAsync(CancellationToken cancel)
    {
        var (_, refusal) = await DeleteAsync($"{StandIn.Create().Digest}", cancel).ConfigureAwait(false);
        if (refusal is not null)
            throw new DeletionDisabledException(_place.Registry, refusal) { Subject = $"{_place}" };
    }

    private async Task ReplaceAndDeleteAsync(string tag, Digest held, CancellationToken cancel)
    {
        var standIn = StandIn.Create();
        await store.PutBlobAsync(StandIn.Config, StandIn.ConfigContent, cancel).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        try
        {
            // From here on it is all or nothing: a stop in the middle would leave the stand-in under the tag.
            await store.PutManifestAsync(standIn, [tag], CancellationToken.None).ConfigureAwait(false);
            var (_, refusal) = await DeleteAsync($"{standIn.Digest}", CancellationToken.None).ConfigureAwait(false);
            if (refusal is not null)
                throw refusal;
        }
        catch (ImageException failure)
        {
            if (!await IsGoneAsync(tag).ConfigureAwait(false))
                throw await PutBackAsync(tag, held, standIn, failure).ConfigureAwait(false);
        }
    }

    // An answer may be lost on its way when the work is done.
    private async Task<bool> IsGoneAsync(string tag)
    {
        try
        {
            return await store.ResolveAsync(tag, CancellationToken.None).ConfigureAwait(false) is null;
        }
        catch (ImageException)
        {
            return false;
        }
    }

    private async Task<TagNotDeletedException> PutBackAsync(string tag, Digest held, Manifest standIn, ImageException cause)
    {
        var isBack = false;
        try
        {
            var before = await store.GetManifestAsync($"{held}", CancellationToken.None).ConfigureAwait(false);
            await store.PutManifestAsync(before, [tag], CancellationToken.None).ConfigureAwait(false);
            isBack = true;
        }
        catch (ImageException)
        {
            // The failure that is reported is the first one; that the stand-in is still there says the rest.
        }
        return new TagNotDeletedException($"{_place.WithTag(tag)}", held, isBack ? null : standIn.Digest, cause) { Subject = $"{_place.WithTag(tag)}" };
    }

    // Whether it was deleted; or that it was not there; or, where deleting such things is disabled (400 or 405), how the registry put that.
    private async Task<(bool IsDeleted, RegistryErrorException? Refusal)> DeleteAsync(string tagOrDigest, CancellationToken cancel)
    {
        var request = new RegistryRequest(_place.Registry, _place.Repository, [$"repository:{_place.Repository}:pull,push,delete"])
            .Message(HttpMethod.Delete, new Uri(client.Api(_place.Registry), $"{_place.Repository}/manifests/{tagOrDigest}"));
        using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return (true, null);
        var failure = await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound when failure is not RepositoryNotFoundException => (false, null),
            HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed when failure is RegistryErrorException refusal => (false, refusal),
            _ => throw failure,
        };
    }
}
