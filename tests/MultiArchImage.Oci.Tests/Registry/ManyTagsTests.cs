using System.Collections.Concurrent;
using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Oci.Transfer;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry;

/// <summary>
/// Against a server that moves tags along with a document (distribution-spec: Pushing Manifests, <c>OCI-Tag</c>), which no registry at hand does.
/// </summary>
public sealed class ManyTagsTests : IDisposable
{
    private readonly ConcurrentDictionary<string, string> _tags = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly RegistryFixture _fixture = new() { Options = new() { MaximumRetryCount = 0, WillPush = true } };
    private readonly Manifest _document = new SampleImage("one").Manifest.Document;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task One_request_moves_all_tags()
    {
        using var server = Serve(tags => tags);
        await _fixture.Open($"{server.Host}/app").PutManifestAsync(_document, ["1.2.3", "1.2", "latest"], CancellationToken.None);
        Assert.Equal([$"PUT manifests/{_document.Digest}?tag=1.2.3&tag=1.2&tag=latest"], _requests);
        Assert.Equal(["1.2", "1.2.3", "latest"], _tags.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task Tags_that_the_answer_does_not_name_are_put_one_by_one()
    {
        using var server = Serve(tags => tags.Where(tag => tag != "1.2"));
        await _fixture.Open($"{server.Host}/app").PutManifestAsync(_document, ["1.2.3", "1.2", "latest"], CancellationToken.None);
        Assert.Equal([$"PUT manifests/{_document.Digest}?tag=1.2.3&tag=1.2&tag=latest", "PUT manifests/1.2"], _requests);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task Ten_tags_go_in_a_request()
    {
        using var server = Serve(tags => tags);
        var tags = Enumerable.Range(0, 23).Select(number => $"t{number}").ToList();
        await _fixture.Open($"{server.Host}/app").PutManifestAsync(_document, tags, CancellationToken.None);
        Assert.Equal(3, _requests.Count);
        Assert.Equal(23, _tags.Count);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_query_that_is_too_long_for_the_server_is_done_without()
    {
        using var server = new AnsweringServer(context =>
        {
            _requests.Enqueue(context.Request.Url!.PathAndQuery.Split('/')[^1]);
            context.Response.StatusCode = context.Request.Url.Query.Length > 0 ? 414 : 201;
            return "";
        });
        await _fixture.Open($"{server.Host}/app").PutManifestAsync(_document, ["1", "2"], CancellationToken.None);
        Assert.Equal([$"{_document.Digest}?tag=1&tag=2", $"{_document.Digest}", "1", "2"], _requests);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task Tags_that_moved_before_the_answer_was_lost_are_put_back()
    {
        using var server = Serve(tags => tags, failsAfter: "1.2.3");
        _tags["1.2.3"] = $"{new SampleImage("two").Manifest.Document.Digest}";
        var store = _fixture.Open($"{server.Host}/app");
        var move = new NameMove(store, _document, ["1.2.3", "latest"], new Dictionary<string, Digest> { ["1.2.3"] = Digest.Parse(_tags["1.2.3"]) });
        var failure = await Assert.ThrowsAsync<TagsPartlyMovedException>(() => new TagBurst(move).MoveAsync(CancellationToken.None));
        Assert.Empty(failure.Left);
        Assert.Contains("app:latest could not be moved", failure.Message);
        Assert.Equal($"{new SampleImage("two").Manifest.Document.Digest}", _tags["1.2.3"]);
    }

    // Keeps which tag holds what; the documents are two that the tests know.
    private AnsweringServer Serve(Func<IEnumerable<string>, IEnumerable<string>> accept, string? failsAfter = null) => new(context =>
    {
        var (request, response) = (context.Request, context.Response);
        var name = request.Url!.AbsolutePath.Split('/')[^1];
        if (request.HttpMethod != "PUT")
            return Read(response, name);
        _requests.Enqueue($"PUT manifests/{name}{request.Url.Query}");
        var digest = new Manifest(request.ContentType, ReadAll(request)).Digest;
        var asked = request.QueryString.GetValues("tag") ?? [];
        foreach (var tag in failsAfter is not null && asked.Length > 0 ? [failsAfter] : accept(asked))
        {
            _tags[tag] = $"{digest}";
            response.AppendHeader("OCI-Tag", tag);
        }
        if (!name.StartsWith("sha256:", StringComparison.Ordinal))
            _tags[name] = $"{digest}";
        response.StatusCode = failsAfter is not null && asked.Length > 0 ? (int)HttpStatusCode.InternalServerError : (int)HttpStatusCode.Created;
        return "";
    });

    private string Read(HttpListenerResponse response, string name)
    {
        var documents = new[] { _document, new SampleImage("two").Manifest.Document };
        var held = name.StartsWith("sha256:", StringComparison.Ordinal) ? name : _tags.GetValueOrDefault(name);
        if (documents.FirstOrDefault(document => $"{document.Digest}" == held) is not { } found)
        {
            response.StatusCode = (int)HttpStatusCode.NotFound;
            return "";
        }
        response.ContentType = found.MediaType;
        response.AddHeader("Docker-Content-Digest", $"{found.Digest}");
        return System.Text.Encoding.UTF8.GetString(found.Bytes.Span);
    }

    private static byte[] ReadAll(HttpListenerRequest request)
    {
        using var bytes = new MemoryStream();
        request.InputStream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
