using System.Net;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry;

/// <summary>Hosts that a registry leads to, and that ask for its credentials.</summary>
[Needs(Part.HttpListener)]
public sealed class ForeignHostTests : IDisposable
{
    private static readonly RegistryCredential Credential = new("user", "hidden");
    private readonly RegistryFixture _fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task An_upload_host_that_asks_for_a_password_gets_none()
    {
        var seen = new List<string>();
        using var foreign = new AnsweringServer(context => Ask(context, "Basic realm=\"foreign\"", seen));
        using var registry = new AnsweringServer(context => Lead(context, HttpStatusCode.Accepted, $"http://{foreign.Host}/upload"));
        var content = "layer"u8.ToArray();
        var blob = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(content), content.Length);
        await Assert.ThrowsAnyAsync<ImageException>(() => _fixture.Open($"{registry.Host}/a", Credential).PutBlobAsync(blob, BlobSource.FromBytes(content), Cancel));
        Assert.Empty(seen);
    }

    [Fact]
    public async Task A_storage_host_that_names_a_token_server_gets_no_password_sent_there()
    {
        var seen = new List<string>();
        using var tokens = new AnsweringServer(context => Ask(context, "", seen));
        using var foreign = new AnsweringServer(context => Ask(context, $"Bearer realm=\"http://{tokens.Host}/token\",service=\"x\"", seen));
        using var registry = new AnsweringServer(context => Lead(context, HttpStatusCode.TemporaryRedirect, $"http://{foreign.Host}/blob"));
        var blob = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of("layer"u8), 5);
        await Assert.ThrowsAnyAsync<ImageException>(() => _fixture.Open($"{registry.Host}/a", Credential).OpenBlobAsync(blob, Cancel));
        Assert.Empty(seen);
    }

    private static string Ask(HttpListenerContext context, string challenge, List<string> seen)
    {
        if (context.Request.Headers["Authorization"] is { } authorization)
            seen.Add(authorization);
        context.Response.StatusCode = 401;
        if (challenge.Length > 0)
            context.Response.AddHeader("WWW-Authenticate", challenge);
        return "";
    }

    private static string Lead(HttpListenerContext context, HttpStatusCode status, string location)
    {
        context.Response.StatusCode = (int)status;
        context.Response.AddHeader("Location", location);
        return "";
    }
}
