using System.Net;
using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Serving;

/// <summary>What is there: repositories, tags, referrers (distribution-spec: Content Discovery).</summary>
internal sealed class ListRequests(RegistryFolder registry)
{
    public Task<Answer> AnswerAsync(RegistryCall call, CancellationToken cancel) => (call.Route.Resource, call.IsRead) switch
    {
        (Resource.Catalog, true) => Task.FromResult(ListRepositories(call)),
        (Resource.Tags, true) => ListTagsAsync(call, cancel),
        (Resource.Referrers, true) => ListReferrersAsync(call, cancel),
        _ => throw call.NoSuchMethod(),
    };

    private Answer ListRepositories(RegistryCall call)
    {
        var (names, headers) = call.Page().Of(registry.ListRepositories(), "/v2/_catalog");
        return Answer.Json(HttpStatusCode.OK, new JObject { ["repositories"] = new JArray(names) }).With(headers);
    }

    private async Task<Answer> ListTagsAsync(RegistryCall call, CancellationToken cancel)
    {
        var repository = registry.Repository(call.Route.Repository);
        if (!repository.Exists)
            throw RefusedException.NameUnknown(call.Route.Repository);
        var (names, headers) = call.Page().Of(await repository.ListTagsAsync(cancel).ConfigureAwait(false), $"{call.RepositoryPath}/tags/list");
        return Answer.Json(HttpStatusCode.OK, new JObject { ["name"] = call.Route.Repository, ["tags"] = new JArray(names) }).With(headers);
    }

    // distribution-spec: Listing Referrers: an index, empty where there are none or the subject is unknown; a filter that was applied is named.
    private async Task<Answer> ListReferrersAsync(RegistryCall call, CancellationToken cancel)
    {
        var subject = RegistryCall.DigestOf(call.Route.Argument);
        var repository = registry.Repository(call.Route.Repository);
        var all = repository.Exists ? await repository.ListReferrersAsync(subject, cancel).ConfigureAwait(false) : [];
        var type = call.Query["artifactType"];
        var wanted = string.IsNullOrEmpty(type) ? all : [.. all.Where(referrer => referrer.ArtifactType == type)];
        var index = new JObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new JArray(wanted.Select(referrer => referrer.ToJson())),
        };
        var answer = Answer.Bytes(HttpStatusCode.OK, MediaTypes.OciIndex, Json.ToBytes(index));
        return string.IsNullOrEmpty(type) ? answer : answer.With(("OCI-Filters-Applied", "artifactType"));
    }
}
