using System.Globalization;
using System.Net;
using System.Text;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry;

/// <summary>What no real registry can be made to do at a chosen moment.</summary>
public sealed class FaultTests : IDisposable
{
    private const string Index = """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""";
    private readonly RegistryFixture _fixture = new() { Options = new RegistryOptions { MaximumRetryCount = 3, Timeout = TimeSpan.FromSeconds(2) } };
    private int _requests;
    private string _fault = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [Needs(Part.HttpListener)]
    public async Task What_may_pass_is_tried_again(int status)
    {
        using var server = Failing(2, context => context.Response.StatusCode = status);
        Assert.True((await _fixture.Open($"{server.Host}/a").GetManifestAsync("1", Cancel)).IsIndex);
        Assert.Equal(3, _requests);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task Retry_After_is_obeyed_in_seconds_and_as_a_date()
    {
        using var server = Failing(2, context =>
        {
            context.Response.StatusCode = 429;
            var inOneSecond = DateTimeOffset.UtcNow.AddSeconds(2).ToString("R", CultureInfo.InvariantCulture);
            context.Response.AddHeader("Retry-After", _requests == 1 ? "1" : inOneSecond);
        });
        var start = DateTime.UtcNow;
        await _fixture.Open($"{server.Host}/a").GetManifestAsync("1", Cancel);
        Assert.InRange(DateTime.UtcNow - start, TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(8));
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_limit_that_does_not_pass_is_named()
    {
        using var server = Failing(int.MaxValue, context => context.Response.StatusCode = 429);
        var failure = await Assert.ThrowsAsync<RateLimitedException>(() => _fixture.Open($"{server.Host}/a").GetManifestAsync("1", Cancel));
        Assert.Contains("-MaximumRetryCount", failure.Message);
        Assert.Equal(4, _requests);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_denial_is_final_and_says_what_may_not_be_done()
    {
        using var server = Failing(int.MaxValue, context => context.Response.StatusCode = 403);
        var failure = await Assert.ThrowsAsync<RegistryDeniedException>(() => _fixture.Open($"{server.Host}/a").GetManifestAsync("1", Cancel));
        Assert.Contains("may not pull", failure.Message);
        Assert.Equal(1, _requests);
    }

    [Fact]
    public async Task A_lost_connection_is_tried_again()
    {
        using var server = new BreakingServer(Encoding.UTF8.GetBytes(Index), breakAt: int.MaxValue / 4, resets: 2);
        Assert.True((await _fixture.Open($"{server.Host}/a").GetManifestAsync("1", Cancel)).IsIndex);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_registry_that_refuses_a_mount_gets_the_bytes()
    {
        var requests = new System.Collections.Concurrent.ConcurrentQueue<string>();
        using var server = new AnsweringServer(context =>
        {
            requests.Enqueue($"{context.Request.HttpMethod} {context.Request.QueryString["from"]}");
            var isPost = context.Request.HttpMethod == "POST";
            context.Response.StatusCode = context.Request.QueryString["from"] == "b" ? 405 : isPost ? 202 : 201;
            if (isPost)
                context.Response.AddHeader("Location", "/v2/a/blobs/uploads/1");
            return "";
        });
        var content = "content"u8.ToArray();
        var blob = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(content), content.Length);
        var source = Oci.Stores.BlobSource.FromBytes(content) with { Place = Oci.Naming.ImageReference.Parse($"{server.Host}/b") };
        Assert.Equal(Oci.Stores.BlobTransfer.Sent, await _fixture.Open($"{server.Host}/a").PutBlobAsync(blob, source, Cancel));
        Assert.Equal(["POST b", "POST a", "PUT "], requests);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task Who_is_told_to_come_back_in_an_hour_is_told_so_at_once()
    {
        using var server = Failing(int.MaxValue, context =>
        {
            context.Response.StatusCode = 429;
            context.Response.AddHeader("Retry-After", "3600");
        });
        await Assert.ThrowsAsync<RateLimitedException>(() => _fixture.Open($"{server.Host}/a").GetManifestAsync("1", Cancel));
        Assert.Equal(1, _requests);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_list_of_tags_that_links_in_a_circle_ends()
    {
        using var server = new AnsweringServer(context =>
        {
            context.Response.AddHeader("Link", $"</v2/a/tags/list?page={(context.Request.QueryString["page"] == "1" ? 2 : 1)}>; rel=\"next\"");
            return """{"tags":[]}""";
        });
        await Assert.ThrowsAsync<InvalidImageException>(async () => await _fixture.Open($"{server.Host}/a").ListTagsAsync(Cancel).ToListAsync(Cancel));
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_silent_registry_is_given_up()
    {
        using var server = new AnsweringServer(_ =>
        {
            Thread.Sleep(TimeSpan.FromSeconds(30));
            return "";
        });
        var options = _fixture.Options with { MaximumRetryCount = 0, Timeout = TimeSpan.FromMilliseconds(200) };
        var client = new RegistryClient(options, new Oci.Registry.Auth.CredentialResolver(null, _fixture.Environment), _fixture.Sink);
        var failure = await Assert.ThrowsAsync<RegistryTimeoutException>(
            () => client.Open(Oci.Naming.ImageReference.Parse($"{server.Host}/a")).GetManifestAsync("1", Cancel));
        Assert.Contains("-TimeoutSec", failure.Message);
    }

    [Fact]
    public async Task A_blob_that_breaks_off_is_taken_up_where_it_broke()
    {
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("0123456789", 50_000)));
        using var server = new BreakingServer(content, breakAt: 123_456);
        var blob = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(content), content.Length);
        using var stream = await _fixture.Open($"{server.Host}/a").OpenBlobAsync(blob, Cancel);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Cancel);
        Assert.Equal(content, copy.ToArray());
        Assert.NotEmpty(server.Ranges);
    }

    // docker-registry says this while it rewrites the link of a blob; when that is cannot be chosen.
    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_manifest_that_is_refused_for_a_moment_is_put_again()
    {
        using var server = Failing(2, context =>
        {
            context.Response.StatusCode = 400;
            _fault = """{"errors":[{"code":"DIGEST_INVALID","message":"provided digest did not match uploaded content"}]}""";
        });
        await _fixture.Open($"{server.Host}/a").PutManifestAsync(new Manifest(null, Encoding.UTF8.GetBytes(Index)), ["1"], Cancel);
        Assert.Equal(3, _requests);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_redirect_takes_no_credentials_to_another_host()
    {
        var content = "elsewhere"u8.ToArray();
        var blob = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(content), content.Length);
        string? seen = "nothing";
        using var storage = new AnsweringServer(context =>
        {
            seen = context.Request.Headers["Authorization"];
            return "elsewhere";
        });
        using var registry = new AnsweringServer(context =>
        {
            if (context.Request.Headers["Authorization"] is null)
            {
                context.Response.StatusCode = 401;
                context.Response.AddHeader("WWW-Authenticate", "Basic realm=\"test\"");
                return "";
            }
            context.Response.StatusCode = (int)HttpStatusCode.TemporaryRedirect;
            context.Response.AddHeader("Location", $"http://{storage.Host}/blob?signature=secret");
            return "";
        });
        using var stream = await _fixture.Open($"{registry.Host}/a", new Oci.Registry.Auth.RegistryCredential("user", "hidden")).OpenBlobAsync(blob, Cancel);
        await stream.CopyToAsync(Stream.Null, Cancel);
        Assert.Null(seen);
        Assert.DoesNotContain("hidden", string.Concat(_fixture.Sink.Lines));
        Assert.DoesNotContain("signature", string.Concat(_fixture.Sink.Lines));
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_manifest_that_is_not_what_its_digest_says_is_refused()
    {
        using var server = Failing(0, _ => { });
        await Assert.ThrowsAsync<DigestMismatchException>(
            () => _fixture.Open($"{server.Host}/a").GetManifestAsync($"{Digest.Of("other"u8)}", Cancel));
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task A_manifest_without_end_is_refused_at_the_limit()
    {
        using var server = new AnsweringServer(_ => new string(' ', OciLimits.ManifestSize + 1));
        await Assert.ThrowsAsync<InvalidImageException>(() => _fixture.Open($"{server.Host}/a").GetManifestAsync("1", Cancel));
    }

    private AnsweringServer Failing(int times, Action<HttpListenerContext> fault) => new(context =>
    {
        if (Interlocked.Increment(ref _requests) <= times)
        {
            fault(context);
            return _fault;
        }
        context.Response.ContentType = MediaTypes.OciIndex;
        return Index;
    });
}
