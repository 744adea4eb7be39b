using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Registry.Mirrors;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>
/// Reads from a mirror what it has, and from the registry itself the rest. What is read is verified as ever; a mirror that fails is left for the next.
/// A command that will write takes only the content of blobs from mirrors: what a registry has, and what its tags mean, only it can tell.
/// </summary>
/// <param name="mirrors">The mirrors.</param>
/// <param name="options">How registries are spoken to.</param>
/// <param name="api">Where the API of a registry is.</param>
/// <param name="sink">Told who served.</param>
internal sealed class MirrorHandler(MirrorList mirrors, RegistryOptions options, Func<string, Uri> api, IActivitySink sink) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        foreach (var (mirror, repository) in Candidates(request))
        {
            if (await TryAsync(mirror, repository, request, cancellationToken).ConfigureAwait(false) is { } response)
                return response;
        }
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private IEnumerable<(RegistryMirror Mirror, string Repository)> Candidates(HttpRequestMessage request)
    {
        var context = RegistryRequest.Of(request);
        if (mirrors.Mirrors.Count == 0 || context.Repository is null || What(request) is not { } what)
            return [];
        var isBlob = what.StartsWith("blobs/", StringComparison.Ordinal);
        var isDigest = what.Contains(':', StringComparison.Ordinal);
        if (options.WillPush && !(isBlob && request.Method == HttpMethod.Get))
            return [];
        return mirrors.Of(context.Registry, context.Repository).Where(candidate => isDigest ? candidate.Mirror.HasDigests : candidate.Mirror.HasTags);
    }

    // The manifest or blob that is read; null for everything else.
    private static string? What(HttpRequestMessage request)
    {
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head)
            return null;
        var (path, start) = (request.RequestUri!.AbsolutePath, $"/v2/{RegistryRequest.Of(request).Repository}/");
        var what = path.StartsWith(start, StringComparison.Ordinal) ? path[start.Length..] : "";
        return what.StartsWith("manifests/", StringComparison.Ordinal)
            || (what.StartsWith("blobs/", StringComparison.Ordinal) && !what.StartsWith("blobs/uploads/", StringComparison.Ordinal)) ? what : null;
    }

    private async Task<HttpResponseMessage?> TryAsync(RegistryMirror mirror, string repository, HttpRequestMessage request, CancellationToken cancel)
    {
        var context = RegistryRequest.Of(request) with { Registry = mirror.Registry, Repository = repository, Scopes = [$"repository:{repository}:pull"], IsOnce = true };
        using var mirrored = context.Message(request.Method, new Uri(api(mirror.Registry), $"{repository}/{What(request)}"));
        foreach (var header in request.Headers)
            mirrored.Headers.TryAddWithoutValidation(header.Key, header.Value);
        var reason = "";
        try
        {
            var response = await base.SendAsync(mirrored, cancel).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return response;
            reason = $"{(int)response.StatusCode}";
            response.Dispose();
        }
        catch (Exception e) when (e is ImageException or HttpRequestException or IOException or TimeoutException)
        {
            reason = e.Message;
        }
        sink.Verbose($"{mirror.Registry}, a mirror of {mirror.Prefix}, does not give {repository}/{What(request)}: {reason}");
        return null;
    }
}
