using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Http;

namespace MultiArchImage.Oci.Registry;

/// <summary>Asks a registry what is about a manifest (distribution-spec: Listing Referrers).</summary>
internal sealed class ReferrerList(RegistryClient client, ImageReference place)
{
    // Signatures of a few builds and users, not a data base; a registry that links in a circle has no end.
    private const int MaximumPages = 100;
    private const int MaximumBytes = 4 * OciLimits.ManifestSize;

    /// <summary>The descriptors of all pages; null where the registry has no such list.</summary>
    /// <exception cref="InvalidImageException">The list has more pages or bytes than any tool would write, or goes on at another host.</exception>
    public async Task<IReadOnlyList<Descriptor>?> ReadAsync(Digest subject, CancellationToken cancel)
    {
        var (found, size, name) = (new List<Descriptor>(), 0, $"the list of what refers to {place}@{subject.Short}");
        var context = new RegistryRequest(place.Registry, place.Repository, [client.Scope(place.Repository, push: false)])
        {
            Document = new(name, OciLimits.ManifestSize),
        };
        var next = new Uri(client.Api(place.Registry), $"{place.Repository}/referrers/{subject}");
        for (var pages = 0; next is not null; pages++)
        {
            if (pages == MaximumPages || size > MaximumBytes)
                throw new InvalidImageException(name, $"has more than {MaximumPages} pages or {MaximumBytes} bytes");
            var request = context.Message(HttpMethod.Get, next);
            using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
            // Registries without the list answer 404, some 400 or 405 for a path that they do not know.
            if (pages == 0 && response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed)
                return null;
            if (!response.IsSuccessStatusCode)
                throw await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
            var bytes = await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
            size += bytes.Length;
            found.AddRange(ImageIndex.Parse(new Manifest(MediaTypes.OciIndex, bytes)).Entries);
            next = PageLink.Next(response, next);
        }
        return found;
    }
}
