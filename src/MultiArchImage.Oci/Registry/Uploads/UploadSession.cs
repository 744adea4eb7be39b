using System.Globalization;
using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Http;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry.Uploads;

/// <summary>
/// A session of a registry that takes a blob (distribution-spec: Pushing blobs), whole or in chunks. It is at the place that the registry's last
/// answer named, and at the byte that it named.
/// </summary>
internal sealed class UploadSession
{
    private const string MinimumHeader = "OCI-Chunk-Min-Length";

    // An abort waits for the registry to forget the session no longer than a user waits for his prompt.
    private static readonly TimeSpan CancelLimit = TimeSpan.FromMilliseconds(500);

    private readonly RegistryClient _client;
    private readonly ImageReference _place;
    private Uri _location;
    private bool _isLost;

    /// <param name="client">Speaks to the registry.</param>
    /// <param name="place">The repository.</param>
    /// <param name="response">The 202 that began it.</param>
    /// <param name="request">What that answered.</param>
    public UploadSession(RegistryClient client, ImageReference place, HttpResponseMessage response, HttpRequestMessage request)
    {
        (_client, _place) = (client, place);
        _location = Location(response, request) ?? throw new RegistryErrorException(
            place.Registry, RegistryFailure.Describe(request), (int)response.StatusCode, null, "it does not say where the bytes should go");
        MinimumChunk = Number(response, MinimumHeader) ?? 0;
    }

    /// <summary>How many bytes a chunk must have at least, but for the last (distribution-spec: OCI-Chunk-Min-Length).</summary>
    public long MinimumChunk { get; }

    /// <summary>How many bytes the registry has.</summary>
    public long Offset { get; private set; }

    /// <summary>
    /// Whether the registry is CNCF Distribution or built on it, which keeps the state of a session in its address. It answers 201 to a mount from the
    /// repository itself where the blob is there; others may know no mounts.
    /// </summary>
    public bool IsDistribution => _location.Query.Contains("_state=", StringComparison.Ordinal);

    /// <summary>Sends the whole blob; null when it is there.</summary>
    public async Task<Setback?> PutAsync(Descriptor blob, BlobSource source, CancellationToken cancel)
    {
        await _client.Departures.WaitAsync(_place.Registry, blob.Size, cancel).ConfigureAwait(false);
        var content = new StreamedContent(token => source.OpenPartAsync(0, token), blob.Size);
        var request = Request(HttpMethod.Put, WithDigest(blob.Digest), content);
        return await SendAsync(request, HttpStatusCode.Created, content, cancel).ConfigureAwait(false);
    }

    /// <summary>Sends the next bytes; null when the registry has them.</summary>
    public async Task<Setback?> PatchAsync(Descriptor blob, long length, BlobSource source, CancellationToken cancel)
    {
        var (start, end) = (Offset, Math.Min(blob.Size, Offset + length));
        var content = new StreamedContent(token => source.OpenPartAsync(start, token), end - start);
        content.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{start}-{end - 1}"));
        var setback = await SendAsync(Request(HttpMethod.Patch, _location, content), HttpStatusCode.Accepted, content, cancel).ConfigureAwait(false);
        // What the answer says counts more than what was sent; one that says nothing has taken it all.
        if (setback is null && Offset == start)
            Offset = end;
        return setback;
    }

    /// <summary>Ends the session when all bytes were sent; null when the blob is there.</summary>
    public Task<Setback?> FinishAsync(Digest digest, CancellationToken cancel) =>
        SendAsync(Request(HttpMethod.Put, WithDigest(digest), new ByteArrayContent([])), HttpStatusCode.Created, null, cancel);

    /// <summary>Asks how far the session is (distribution-spec: Pushing a blob in chunks, GET of its location); false where it is lost.</summary>
    public async Task<bool> AskAsync(CancellationToken cancel)
    {
        var request = Context.Message(HttpMethod.Get, _location);
        using var response = await _client.SendAsync(request, cancel).ConfigureAwait(false);
        (Offset, _isLost) = (0, !response.IsSuccessStatusCode);
        if (!_isLost)
            Follow(response, request);
        return !_isLost;
    }

    /// <summary>Has the registry forget the session, as far as it answers at once; else it does so in its own time.</summary>
    public async Task CancelAsync()
    {
        if (_isLost)
            return;
        using var limit = new CancellationTokenSource(CancelLimit);
        try
        {
            using var response = await _client.SendAsync(Request(HttpMethod.Delete, _location, null), limit.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ImageException or OperationCanceledException)
        {
            _client.Tell($"{_place}: an upload session is left for the registry to discard");
        }
    }

    private async Task<Setback?> SendAsync(HttpRequestMessage request, HttpStatusCode success, StreamedContent? content, CancellationToken cancel)
    {
        try
        {
            using var response = await _client.SendAsync(request, cancel).ConfigureAwait(false);
            if (response.StatusCode != success)
                return await Setback.OfAsync(response, request, cancel).ConfigureAwait(false);
            Follow(response, request);
            return null;
        }
        catch (ImageException e) when (e is RegistryUnreachableException or RegistryTimeoutException && content?.SourceFailure is null)
        {
            return new Setback(e is RegistryTimeoutException ? e : new UploadBrokenException(_place.Registry, e));
        }
    }

    private void Follow(HttpResponseMessage response, HttpRequestMessage request)
    {
        if (response.StatusCode == HttpStatusCode.Created)
            return;
        _location = Location(response, request) ?? _location;
        if (response.Headers.TryGetValues("Range", out var ranges) && LastByte(ranges.First()) is { } last)
            Offset = last == 0 ? 0 : last + 1;
    }

    // "0-999", or as RFC 9110 would have it "bytes=0-999". CNCF Distribution says "0-0" of a session that has nothing: a single byte is as good as none.
    private static long? LastByte(string range) =>
        long.TryParse(range.AsSpan(range.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last < long.MaxValue ? last : null;

    private static long? Number(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values)
        && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    // Location may be relative, and on another host; credentials go to the registry's own only, and nothing goes over plain HTTP that began over TLS.
    private Uri? Location(HttpResponseMessage response, HttpRequestMessage request)
    {
        if (response.Headers.Location is not { } given)
            return null;
        var location = new Uri(request.RequestUri!, given);
        return location.Scheme == request.RequestUri!.Scheme || location.Scheme == Uri.UriSchemeHttps
            ? location
            : throw new RegistryErrorException(_place.Registry, RegistryFailure.Describe(request), (int)response.StatusCode, null, $"it wants the bytes at {location.Scheme}://{location.Authority}, which is not protected");
    }

    // What the registry put into the query is its own business, and stays as it is.
    private Uri WithDigest(Digest digest) =>
        new($"{_location.GetLeftPart(UriPartial.Query)}{(_location.Query.Length > 1 ? "&" : "?")}digest={Uri.EscapeDataString($"{digest}")}");

    private HttpRequestMessage Request(HttpMethod method, Uri target, HttpContent? content)
    {
        var request = (Context with { IsOnce = true }).Message(method, target);
        request.Content = content;
        return request;
    }

    private RegistryRequest Context => new(_place.Registry, _place.Repository, [_client.Scope(_place.Repository, push: true)]);
}
