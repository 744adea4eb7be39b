using System.Runtime.CompilerServices;
using MultiArchImage.Oci.Registry.Http;

namespace MultiArchImage.Oci.Registry;

/// <summary>A list of names that a registry tells page by page (distribution-spec: Listing Tags; Docker Registry HTTP API V2: Catalog).</summary>
/// <param name="client">Speaks to the registry.</param>
/// <param name="context">What each request needs.</param>
/// <param name="address">Where the list is, without a query.</param>
/// <param name="page">How a page is read.</param>
/// <param name="name">What the list is called in errors.</param>
internal sealed class NameList(RegistryClient client, RegistryRequest context, Uri address, NamePage page, string name)
{
    private const int NamesPerPage = 1000;
    private const int MaximumPage = 16 * 1024 * 1024;

    // Ten million names, or a registry that links in a circle.
    private const int MaximumPages = 10_000;
    private const long MaximumBytes = 1024 * 1024 * 1024;

    private readonly RegistryRequest _context = context with { Document = new(name, MaximumPage) };

    /// <summary>The names, in the order of the registry.</summary>
    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var (next, bytes) = ((Uri?)new Uri($"{address}?n={NamesPerPage}"), 0L);
        for (var pages = 0; next is not null; pages++)
        {
            if (pages == MaximumPages || bytes > MaximumBytes)
                throw new InvalidImageException(name, $"has more than {MaximumPages} pages or {MaximumBytes} bytes");
            (var names, var size, next) = await ReadPageAsync(next, cancel).ConfigureAwait(false);
            bytes += size;
            foreach (var found in names)
                yield return found;
        }
    }

    private async Task<(IReadOnlyList<string> Names, int Size, Uri? Next)> ReadPageAsync(Uri uri, CancellationToken cancel)
    {
        var request = _context.Message(HttpMethod.Get, uri);
        using var response = await client.SendAsync(request, cancel).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
            throw await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
        var body = await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
        return (page.Parse(body, name), body.Length, PageLink.Next(response, uri));
    }
}
