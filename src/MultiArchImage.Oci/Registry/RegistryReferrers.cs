using System.Net;
using System.Net.Http.Headers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Http;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry;

/// <summary>
/// What refers to a manifest of a repository: by the registry's own list (distribution-spec: Listing Referrers) or, where it has none, by the
/// index under the referrers tag.
/// </summary>
internal sealed class RegistryReferrers(RegistryClient client, RegistryStore store)
{
    // A page holds hundreds; a registry that links in a circle must not be followed for ever.
    private const int MaximumPages = 100;

    // Registries differ in nothing more than in whether they have the list: the first answer tells. 0 is not known, 1 yes, 2 no.
    private volatile int _api;

    public async Task<IReadOnlyList<Descriptor>> ListAsync(Digest subject, CancellationToken cancel) =>
        (_api == 2 ? null : await AskAsync(subject, cancel).ConfigureAwait(false))
        ?? await store.ReadReferrersIndexAsync(subject, cancel).ConfigureAwait(false);

    public async Task<bool> FindsAsync(Digest subject, CancellationToken cancel) =>
        _api == 1 || (_api == 0 && await AskAsync(subject, cancel).ConfigureAwait(false) is not null);

    // Null where the registry has no such list.
    private async Task<IReadOnlyList<Descriptor>?> AskAsync(Digest subject, CancellationToken cancel)
    {
        var found = new List<Descriptor>();
        var next = new Uri(client.Api(store.Place.Registry), $"{store.Place.Repository}/referrers/{subject}");
        for (var pages = 0; next is not null; pages++)
        {
            if (pages == MaximumPages)
                throw new InvalidImageException($"{store.Place}'s list of referrers", $"has more than {MaximumPages} pages");
            if (await ReadPageAsync(next, found, cancel).ConfigureAwait(false) is not var (has, following))
                return null;
            next = has ? following : null;
        }
        return found;
    }

    private async Task<(bool Has, Uri? Next)?> ReadPageAsync(Uri page, List<Descriptor> found, CancellationToken cancel)
    {
        var place = store.Place;
        var request = new RegistryRequest(place.Registry, place.Repository, [client.Scope(place.Repository, push: false)]).Message(HttpMethod.Get, page);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(MediaTypes.OciIndex));
        using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var failure = await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
            // Whoever says that he does not know the repository knows the request.
            _api = failure is RepositoryNotFoundException ? 1
                : response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed ? 2
                : throw failure;
            return _api == 1 ? (false, null) : null;
        }
        _api = 1;
        var name = $"{place}'s list of referrers";
        var bytes = await client.ReadAsync(response, OciLimits.ManifestSize, name, cancel).ConfigureAwait(false);
        found.AddRange(ImageIndex.Parse(new Manifest(MediaTypes.OciIndex, bytes)).Entries);
        return (true, PageLink.Next(response, page));
    }
}
