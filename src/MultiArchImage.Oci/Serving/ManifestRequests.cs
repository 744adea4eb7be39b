using System.Net;
using System.Net.Http.Headers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Serving;

/// <summary>Pulling, pushing and deleting manifests (distribution-spec: Pulling manifests, Pushing Manifests, Deleting Manifests).</summary>
internal sealed class ManifestRequests(RegistryFolder registry)
{
    public Task<Answer> AnswerAsync(RegistryCall call, CancellationToken cancel)
    {
        if (!Digest.TryParse(call.Route.Argument, out _) && !ImageReference.IsTag(call.Route.Argument))
            throw call.IsRead ? RefusedException.ManifestUnknown(call.Route.Argument) : RefusedException.ManifestInvalid($"'{call.Route.Argument}' is no tag or digest");
        return call.Method switch
        {
            "GET" or "HEAD" => ReadAsync(call, cancel),
            "PUT" => PutAsync(call, cancel),
            "DELETE" => DeleteAsync(call, cancel),
            _ => throw call.NoSuchMethod(),
        };
    }

    private async Task<Answer> ReadAsync(RegistryCall call, CancellationToken cancel)
    {
        var repository = registry.Repository(call.Route.Repository);
        if (!repository.Exists)
            throw RefusedException.NameUnknown(call.Route.Repository);
        var manifest = await repository.ResolveAsync(call.Route.Argument, cancel).ConfigureAwait(false)
            ?? throw RefusedException.ManifestUnknown(call.Route.Argument);
        var condition = Condition.Of(call.Headers);
        (string, string)[] headers = [("Docker-Content-Digest", $"{manifest.Digest}"), ("ETag", $"\"{manifest.Digest}\"")];
        if (!condition.MayMatch(manifest.Digest))
            throw RefusedException.ConditionFailed(call.Route.Argument);
        // RFC 9110, 13.1.2: a read whose If-None-Match has it finds it unchanged.
        if (!condition.MayDiffer(manifest.Digest))
            return new Answer(HttpStatusCode.NotModified).With(headers);
        var bytes = await repository.ReadAsync(manifest, cancel).ConfigureAwait(false) ?? throw RefusedException.ManifestUnknown(call.Route.Argument);
        return Answer.Bytes(HttpStatusCode.OK, manifest.MediaType, bytes).With(headers);
    }

    private async Task<Answer> PutAsync(RegistryCall call, CancellationToken cancel)
    {
        var bytes = await ReadBodyAsync(call, cancel).ConfigureAwait(false);
        var (manifest, json) = Describe(call, bytes);
        var tags = Tags(call);
        var repository = registry.Repository(call.Route.Repository);
        RequireContent(repository, json);
        var condition = Condition.Of(call.Headers);
        var isPut = await repository.PutManifestAsync(
            manifest, bytes, tags, index => condition.Allows(Digest.TryParse(call.Route.Argument, out var digest) ? index.Find(digest) : index.FindExactly(call.Route.Argument)), cancel).ConfigureAwait(false);
        if (!isPut)
            throw RefusedException.ConditionFailed(call.Route.Argument);
        var answer = new Answer(HttpStatusCode.Created).With(
            ("Location", $"{call.RepositoryPath}/manifests/{manifest.Digest}"), ("Docker-Content-Digest", $"{manifest.Digest}"), ("ETag", $"\"{manifest.Digest}\""));
        // distribution-spec: Pushing Manifests with Subject: the header tells the client that it need not keep a list of its own.
        if (Referrer.Of(manifest, bytes) is { } referrer)
            answer = answer.With(("OCI-Subject", $"{referrer.Subject}"));
        return answer.With([.. (call.Query.GetValues("tag") is null ? [] : tags).Select(tag => ("OCI-Tag", tag))]);
    }

    private async Task<Answer> DeleteAsync(RegistryCall call, CancellationToken cancel)
    {
        var repository = registry.Repository(call.Route.Repository);
        var isGone = Digest.TryParse(call.Route.Argument, out var digest)
            ? await repository.DeleteManifestAsync(digest, cancel).ConfigureAwait(false)
            : await repository.DeleteTagAsync(call.Route.Argument, Condition.Of(call.Headers), cancel).ConfigureAwait(false);
        return isGone ? new Answer(HttpStatusCode.Accepted) : throw RefusedException.ManifestUnknown(call.Route.Argument);
    }

    // A tag in the path, or a digest there and any number of tags in the query (distribution-spec: Pushing Manifests, `tag`).
    private static IReadOnlyList<string> Tags(RegistryCall call)
    {
        var queried = call.Query.GetValues("tag") ?? [];
        if (queried.FirstOrDefault(tag => !ImageReference.IsTag(tag)) is { } wrong)
            throw RefusedException.ManifestInvalid($"'{wrong}' is no tag");
        return Digest.TryParse(call.Route.Argument, out _) ? [.. queried.Distinct(StringComparer.Ordinal)]
            : queried.Length == 0 ? [call.Route.Argument]
            : throw RefusedException.ManifestInvalid("tags in the query go with a digest in the path");
    }

    private static (Descriptor Manifest, JObject Json) Describe(RegistryCall call, byte[] bytes)
    {
        if (Digest.TryParse(call.Route.Argument, out var digest) && !digest.Matches(bytes))
            throw RefusedException.DigestInvalid($"the manifest is not what {digest} names");
        try
        {
            var stated = MediaTypeHeaderValue.TryParse(call.Headers["Content-Type"], out var type) ? type.MediaType : null;
            var manifest = new Manifest(stated, bytes);
            var mediaType = manifest.MediaType.Length > 0 ? manifest.MediaType : stated ?? "";
            // distribution-spec: Pushing Manifests: where the document says what it is, the header must say the same.
            if (mediaType.Length == 0 || (stated is not null && manifest.Json.Text("mediaType") is { } own && own != stated))
                throw RefusedException.ManifestInvalid($"the manifest is of type '{mediaType}', and Content-Type says '{stated}'");
            return (manifest.ToDescriptor() with { MediaType = mediaType, Digest = digest ?? manifest.Digest }, manifest.Json);
        }
        catch (InvalidImageException e)
        {
            throw RefusedException.ManifestInvalid(e.Message);
        }
    }

    // Nothing may be named that cannot be pulled. The subject may come later (distribution-spec: Pushing Manifests with Subject), and what has
    // other addresses need not be here.
    private static void RequireContent(RepositoryFolder repository, JObject json)
    {
        var named = (json["layers"] as JArray ?? []).Concat(json["manifests"] as JArray ?? []).Append(json["config"] ?? new JObject()).OfType<JObject>();
        foreach (var item in named.Where(item => item["urls"] is not JArray { Count: > 0 }))
        {
            if (Digest.TryParse(item.Text("digest"), out var digest) && repository.Blobs.Find(digest) is null)
                throw RefusedException.ManifestBlobUnknown(digest);
        }
    }

    // distribution-spec: Pushing Manifests: 413 for what is over the limit, whether the length was stated or not.
    private static async Task<byte[]> ReadBodyAsync(RegistryCall call, CancellationToken cancel)
    {
        if (call.Length > OciLimits.ManifestSize)
            throw RefusedException.TooLarge("the manifest", OciLimits.ManifestSize);
        using var body = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int count; (count = await call.Body.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
        {
            body.Write(buffer, 0, count);
            if (body.Length > OciLimits.ManifestSize)
                throw RefusedException.TooLarge("the manifest", OciLimits.ManifestSize);
        }
        return body.ToArray();
    }
}
