using System.Net;
using System.Net.Http.Headers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Http;
using MultiArchImage.Oci.Registry.Uploads;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry;

/// <summary>A repository of a registry (OCI distribution specification 1.1; Docker Registry HTTP API V2).</summary>
public sealed class RegistryStore : IImageStore, IConditionalTags, IManyTags, IDeletion, IReferrersApi, ICountedPulls, IBlobParts, IMountSources
{
    private const string DigestHeader = "Docker-Content-Digest";
    private const string TagHeader = "OCI-Tag";

    // distribution-spec: Pushing Manifests: as many in one request as every registry that takes any should take.
    private const int TagsPerPut = 10;

    private static readonly TimeSpan RaceDelay = TimeSpan.FromMilliseconds(50);
    private static readonly string[] Accepted = [.. MediaTypes.Manifests, MediaTypes.DockerSchema1Signed, MediaTypes.DockerSchema1];

    private readonly RegistryClient _client;
    private readonly BlobUpload _upload;
    private readonly Deletion _deletion;
    private readonly ReferrerList _referrers;

    internal RegistryStore(RegistryClient client, ImageReference place)
    {
        (_client, Place) = (client, place);
        _upload = new BlobUpload(client, place);
        _deletion = new Deletion(client, this);
        _referrers = new ReferrerList(client, place);
    }

    /// <inheritdoc/>
    public ImageReference Place { get; }

    /// <inheritdoc/>
    public PullAllowance? Allowance => _client.Allowance(Place.Registry);

    /// <inheritdoc/>
    public async Task<Descriptor?> ResolveAsync(string tagOrDigest, CancellationToken cancel)
    {
        var request = ManifestRequest(HttpMethod.Head, tagOrDigest);
        using var response = await _client.SendAsync(request, cancel).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        await RequireSuccessAsync(response, request, cancel).ConfigureAwait(false);
        var mediaType = response.Content.Headers.ContentType?.MediaType;
        var stated = Digest.TryParse(tagOrDigest, out var asked) ? asked : Stated(response);
        // Registries may leave the headers out (distribution-spec: Pulling manifests): then the document itself tells.
        return stated is not null && mediaType is not null && response.Content.Headers.ContentLength is { } size
            ? new Descriptor(mediaType, stated, size)
            : (await GetManifestAsync(tagOrDigest, cancel).ConfigureAwait(false)).ToDescriptor();
    }

    /// <inheritdoc/>
    public async Task<Manifest> GetManifestAsync(string tagOrDigest, CancellationToken cancel)
    {
        var name = $"{(Digest.TryParse(tagOrDigest, out var asked) ? Place.WithDigest(asked) : Place.WithTag(tagOrDigest))}";
        var request = ManifestRequest(HttpMethod.Get, tagOrDigest, new(name, OciLimits.ManifestSize));
        using var response = await _client.SendAsync(request, cancel).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            throw await NotFoundAsync(name, response, request, cancel).ConfigureAwait(false);
        await RequireSuccessAsync(response, request, cancel).ConfigureAwait(false);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancel).ConfigureAwait(false);
        // Of a tag the registry itself says what it means, where it says anything.
        if ((asked ?? Stated(response)) is { } digest && !digest.Matches(bytes))
            throw new DigestMismatchException(Place.Registry, digest, $"{bytes.Length} bytes of {Digest.Of(bytes)}") { Subject = name };
        return new Manifest(response.Content.Headers.ContentType?.MediaType, bytes);
    }

    /// <inheritdoc/>
    public async Task PutManifestAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        if (tags.Count < 2)
        {
            await PutAsync(manifest, tags is [var only] ? only : $"{manifest.Digest}", _ => { }, cancel).ConfigureAwait(false);
            return;
        }
        var moved = await PutManyTagsAsync(manifest, tags, cancel).ConfigureAwait(false);
        foreach (var tag in tags.Except(moved))
            await PutAsync(manifest, tag, _ => { }, cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<string>> PutManyTagsAsync(Manifest manifest, IReadOnlyList<string> tags, CancellationToken cancel)
    {
        var moved = new HashSet<string>(StringComparer.Ordinal);
        foreach (var some in tags.Chunk(TagsPerPut))
        {
            var accepted = await PutWithTagsAsync(manifest, some, cancel).ConfigureAwait(false);
            moved.UnionWith(some.Intersect(accepted));
            // A registry that knows nothing of it ignores the query, and would the next time.
            if (accepted.Count == 0)
                break;
        }
        return moved;
    }

    private async Task<IReadOnlyList<string>> PutWithTagsAsync(Manifest manifest, IEnumerable<string> tags, CancellationToken cancel)
    {
        try
        {
            return (await PutAsync(manifest, $"{manifest.Digest}?{string.Join('&', tags.Select(tag => $"tag={tag}"))}", _ => { }, cancel).ConfigureAwait(false))!;
        }
        catch (RegistryErrorException e) when (e.Status is (int)HttpStatusCode.RequestUriTooLong or (int)HttpStatusCode.RequestHeaderFieldsTooLarge)
        {
            return (await PutAsync(manifest, $"{manifest.Digest}", _ => { }, cancel).ConfigureAwait(false))!;
        }
    }

    /// <inheritdoc/>
    /// <remarks>No answer tells beforehand: CNCF Distribution sends the digest as <c>ETag</c> too, and ignores the conditions that RFC 9110 lets one make of it.</remarks>
    public bool HonorsCondition => false;

    /// <inheritdoc/>
    public async Task<bool> TryMoveTagAsync(string tag, Digest? expected, Manifest manifest, CancellationToken cancel) => await PutAsync(
        manifest,
        tag,
        headers =>
        {
            if (expected is null)
                headers.IfNoneMatch.Add(EntityTagHeaderValue.Any);
            else
                headers.IfMatch.Add(new EntityTagHeaderValue($"\"{expected}\""));
        },
        cancel).ConfigureAwait(false) is not null;

    // The tags that the registry says it moved besides; null where the condition was not met. CNCF Distribution on a file system rewrites the link of a blob that is mounted again, and for a moment
    // it is empty: a manifest that comes just then is refused as DIGEST_INVALID. Since the content was hashed here, that cannot be its fault, and it
    // comes again.
    private async Task<IReadOnlyList<string>?> PutAsync(
        Manifest manifest, string name, Action<HttpRequestHeaders> addCondition, CancellationToken cancel)
    {
        if (manifest.MediaType.Length == 0)
            throw new InvalidImageException($"manifest {manifest.Digest.Short}", "has no media type, and none can be told from it");
        for (var tries = 1; ; tries++)
        {
            var request = Request(HttpMethod.Put, $"manifests/{name}", push: true);
            addCondition(request.Headers);
            request.Content = new ReadOnlyMemoryContent(manifest.Bytes);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(manifest.MediaType);
            using var response = await _client.SendAsync(request, cancel).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                RequireKept(manifest, response);
                _client.Locations.Save(Place.Registry);
                return TagsOf(response);
            }
            if (response.StatusCode == HttpStatusCode.PreconditionFailed)
                return null;
            var failure = await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
            if (failure is not RegistryErrorException { Code: "DIGEST_INVALID" } || tries > _client.MaximumRetryCount)
                throw failure;
            await Task.Delay(RaceDelay * tries, cancel).ConfigureAwait(false);
        }
    }

    private void RequireKept(Manifest manifest, HttpResponseMessage response)
    {
        if (Stated(response) is { } kept && kept != manifest.Digest)
            throw new DigestMismatchException(Place.Registry, manifest.Digest, $"it says that it keeps {kept}") { Subject = $"{Place}" };
    }

    // RFC 9110, 5.3: several fields of one name, and one with commas, mean the same.
    private static List<string> TagsOf(HttpResponseMessage response) => response.Headers.TryGetValues(TagHeader, out var fields)
        ? [.. fields.SelectMany(field => field.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))]
        : [];

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HeldTag>> ReadTagsAsync(CancellationToken cancel)
    {
        var held = new List<HeldTag>();
        await foreach (var tag in ListTagsAsync(cancel).ReadAheadAsync(ReadTagAsync, cancel).ConfigureAwait(false))
        {
            if (tag is not null)
                held.Add(tag);
        }
        return held;
    }

    // A tag that went while they were listed is none.
    private async Task<HeldTag?> ReadTagAsync(string tag, CancellationToken cancel) =>
        await ResolveAsync(tag, cancel).ConfigureAwait(false) is { } held ? new HeldTag(tag, held) : null;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Descriptor>?> TryListReferrersAsync(Digest subject, CancellationToken cancel) => _referrers.ReadAsync(subject, cancel);

    /// <inheritdoc/>
    public Task<bool> DeleteTagAsync(string tag, CancellationToken cancel) => _deletion.DeleteTagAsync(tag, cancel);

    /// <inheritdoc/>
    public Task<bool> DeleteManifestAsync(Digest digest, CancellationToken cancel) => _deletion.DeleteManifestAsync(digest, cancel);

    /// <inheritdoc/>
    public async Task<bool> HasBlobAsync(Digest digest, CancellationToken cancel)
    {
        var request = Request(HttpMethod.Head, $"blobs/{digest}");
        using var response = await _client.SendAsync(request, cancel).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return false;
        await RequireSuccessAsync(response, request, cancel).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public bool MayMount(Digest digest) => _client.Locations.Find(Place.Registry, digest).Count > 0;

    /// <inheritdoc/>
    public async Task<Stream> OpenBlobAsync(Descriptor blob, CancellationToken cancel)
    {
        var download = new BlobDownload(_client, offset => BlobRequest(blob, offset), blob);
        return new VerifyingStream(await download.OpenAsync(cancel).ConfigureAwait(false), blob, Place.FullName);
    }

    /// <inheritdoc/>
    Task<Stream> IBlobParts.OpenPartAsync(Descriptor blob, long offset, CancellationToken cancel) =>
        new BlobDownload(_client, start => BlobRequest(blob, start), blob, offset).OpenAsync(cancel);

    /// <inheritdoc/>
    public Task<BlobTransfer> PutBlobAsync(Descriptor blob, BlobSource source, CancellationToken cancel) => _upload.RunAsync(blob, source, cancel);

    /// <inheritdoc/>
    /// <exception cref="RepositoryNotFoundException">There is no such repository.</exception>
    public IAsyncEnumerable<string> ListTagsAsync(CancellationToken cancel) =>
        new NameList(_client, Context(push: false), Uri("tags/list"), NamePage.OfTags, $"{Place}'s list of tags").ReadAsync(cancel);

    private HttpRequestMessage ManifestRequest(HttpMethod method, string tagOrDigest, ExpectedDocument? document = null)
    {
        var request = (Context(push: false) with { Document = document }).Message(method, Uri($"manifests/{tagOrDigest}"));
        foreach (var mediaType in Accepted)
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(mediaType));
        return request;
    }

    private HttpRequestMessage BlobRequest(Descriptor blob, long offset)
    {
        var request = Request(HttpMethod.Get, $"blobs/{blob.Digest}");
        if (offset > 0)
            request.Headers.Range = new RangeHeaderValue(offset, null);
        return request;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, bool push = false) => Context(push).Message(method, Uri(path));

    private RegistryRequest Context(bool push) => new(Place.Registry, Place.Repository, [_client.Scope(Place.Repository, push)]);

    private Uri Uri(string path) => new(_client.Api(Place.Registry), $"{Place.Repository}/{path}");

    private static Digest? Stated(HttpResponseMessage response) =>
        response.Headers.TryGetValues(DigestHeader, out var values) && Digest.TryParse(values.First(), out var digest) ? digest : null;

    private static async Task RequireSuccessAsync(HttpResponseMessage response, HttpRequestMessage request, CancellationToken cancel)
    {
        if (!response.IsSuccessStatusCode)
            throw await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false);
    }

    private static async Task<ImageException> NotFoundAsync(
        string name, HttpResponseMessage response, HttpRequestMessage request, CancellationToken cancel) =>
        await RegistryFailure.OfAsync(response, request, cancel).ConfigureAwait(false) is RepositoryNotFoundException unknown
            ? unknown
            : new ManifestNotFoundException(name) { Subject = name };
}
