using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;
using MultiArchImage.Oci.Tests.Stores;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Registry.Auth;

/// <summary>Tokens of a token server that a real registry trusts.</summary>
[Needs(Part.HttpListener)]
public sealed class TokenTests : IDisposable
{
    private const string Password = "pa:ss wörd";
    private readonly RegistryFixture _fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static RegistryCredential Right => new("jenkins", Password);

    public void Dispose() => _fixture.Dispose();

    [RegistryFact]
    public async Task A_token_server_that_refuses_is_a_wrong_password()
    {
        using var tokens = new TokenServer("jenkins", Password);
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var failure = await Assert.ThrowsAsync<RegistryUnauthorizedException>(
            () => _fixture.Open($"{registry.Host}/a", new RegistryCredential("jenkins", "wrong")).ResolveAsync("1", Cancel));
        Assert.Contains("the password of user 'jenkins' was refused", failure.Message);
        Assert.Single(tokens.Requests);
    }

    [RegistryFact]
    [Needs(Part.Speed)]
    public async Task A_push_of_several_blobs_outlives_its_tokens()
    {
        using var tokens = new TokenServer("jenkins", Password, lifetime: 1);
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var store = _fixture.Open($"{registry.Host}/a", Right);
        for (var number = 0; number < 6; number++)
        {
            var content = new byte[1000 + number];
            var blob = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(content), content.Length);
            await store.PutBlobAsync(blob, new BlobSource(async cancel => { await Task.Delay(400, cancel); return new MemoryStream(content); }), Cancel);
            Assert.True(await store.HasBlobAsync(blob.Digest, Cancel));
        }
        Assert.InRange(tokens.Requests.Count, 3, 6);
        // Renewed beforehand: the registry refused the first request only.
        Assert.Equal(1, (await registry.TakeRequestsAsync()).Count(request => request.Status == 401));
    }

    [RegistryFact]
    public async Task Requests_at_once_share_one_401_and_one_token()
    {
        using var tokens = new TokenServer("jenkins", Password);
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var store = _fixture.Open($"{registry.Host}/a", Right);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 16).Select(number => store.ResolveAsync($"{number}", Cancel))), Assert.Null);
        Assert.Single(tokens.Requests);
        Assert.Equal(17, (await registry.TakeRequestsAsync()).Count);
    }

    [RegistryFact]
    public async Task A_token_to_push_serves_for_a_later_command_that_pulls()
    {
        using var tokens = new TokenServer("jenkins", Password);
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        await new SampleImage("amd64").PutAsync(_fixture.Open($"{registry.Host}/a", Right), "1");
        using var reader = new RegistryFixture { Options = new() { WillPush = false } };
        Assert.NotNull(await reader.Open($"{registry.Host}/a", Right).ResolveAsync("1", Cancel));
        Assert.Equal(["repository:a:pull,push"], tokens.Asked);
        await Assert.ThrowsAsync<RegistryUnauthorizedException>(() => reader.Open($"{registry.Host}/a").ResolveAsync("1", Cancel));
    }

    [RegistryFact]
    public async Task A_mount_asks_for_both_repositories_in_one_token()
    {
        using var tokens = new TokenServer("jenkins", Password);
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var content = "layer"u8.ToArray();
        var blob = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(content), content.Length);
        var from = _fixture.Open($"{registry.Host}/from", Right);
        await from.PutBlobAsync(blob, BlobSource.FromBytes(content), Cancel);
        var source = new BlobSource(cancel => from.OpenBlobAsync(blob, cancel)) { Place = from.Place };
        Assert.Equal(BlobTransfer.Mounted, await _fixture.Open($"{registry.Host}/to", Right).PutBlobAsync(blob, source, Cancel));
        Assert.Equal(["repository:from:pull,push", "repository:to:pull,push repository:from:pull"], tokens.Asked);
    }

    [RegistryFact]
    public async Task A_right_that_the_user_has_not_is_named_and_asked_for_once()
    {
        using var tokens = new TokenServer("jenkins", Password) { Withheld = ["push"] };
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var store = _fixture.Open($"{registry.Host}/a", Right);
        Assert.Null(await store.ResolveAsync("1", Cancel));
        var failure = await Assert.ThrowsAsync<RegistryUnauthorizedException>(
            () => store.PutManifestAsync(new SampleImage("amd64").Manifest.Document, ["1"], Cancel));
        Assert.Contains("user 'jenkins' has no right to repository:a:pull,push", failure.Message);
        Assert.Equal(2, tokens.Requests.Count);
    }

    [RegistryFact]
    public async Task An_identity_token_is_exchanged_for_tokens()
    {
        using var tokens = new TokenServer("jenkins", Password);
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var stored = new RegistryCredential("", tokens.IdentityToken, IsIdentityToken: true);
        Assert.Null(await _fixture.Open($"{registry.Host}/a", stored).ResolveAsync("1", Cancel));
        Assert.Equal(("POST", "refresh_token"), tokens.Requests.Select(request => (request.Method, request.Grant)).Single());
        var failure = await Assert.ThrowsAsync<RegistryUnauthorizedException>(
            () => _fixture.Open($"{registry.Host}/a", stored with { Secret = "revoked" }).ResolveAsync("1", Cancel));
        Assert.Contains("the stored identity token was refused", failure.Message);
    }

    [RegistryTheory]
    [InlineData("GET", false, null)]
    [InlineData("POST", false, "password")]
    [InlineData("POST", true, "refresh_token")]
    public async Task A_server_that_knows_one_method_is_asked_by_it(string method, bool isIdentity, string? grant)
    {
        using var tokens = new TokenServer("jenkins", Password) { Methods = [method] };
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var credential = isIdentity ? new RegistryCredential("", tokens.IdentityToken, IsIdentityToken: true) : Right;
        foreach (var repository in new[] { "a", "b" })
            Assert.Null(await _fixture.Open($"{registry.Host}/{repository}", credential).ResolveAsync("1", Cancel));
        Assert.Equal([grant, grant], tokens.Requests.Where(request => request.Method == method).Select(request => request.Grant));
        // What it does not answer it is asked once a process.
        Assert.InRange(tokens.Requests.Count, 2, 3);
    }

    [RegistryFact]
    public async Task A_server_that_takes_no_identity_tokens_by_POST_is_asked_by_GET_with_it_as_the_password()
    {
        using var tokens = new TokenServer("keeper", "the identity token") { Methods = ["GET"] };
        await using var registry = await RegistryProcess.StartWithTokensAsync(tokens);
        var stored = new RegistryCredential("keeper", "the identity token", IsIdentityToken: true);
        Assert.Null(await _fixture.Open($"{registry.Host}/a", stored).ResolveAsync("1", Cancel));
        Assert.Equal(["POST", "GET"], tokens.Requests.Select(request => request.Method));
    }
}
