using System.Collections.Concurrent;
using MultiArchImage.Oci.Model;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Oci.Tests.Removal;

/// <summary>On CNCF Distribution 2.8, which deletes no tags, and every tag of a manifest with it.</summary>
public sealed class RegistryRemovalTests : IAsyncLifetime
{
    private RegistryProcess _registry = null!;
    private RemovalBench _bench = null!;

    public async ValueTask InitializeAsync()
    {
        if (!Requirements.HasRegistry)
            return;
        _registry = await RegistryProcess.StartAsync();
        _bench = new RemovalBench(_registry.Host);
    }

    public async ValueTask DisposeAsync()
    {
        if (_registry is null)
            return;
        _bench.Dispose();
        await _registry.DisposeAsync();
    }

    [RegistryFact]
    public async Task A_tag_goes_and_its_sister_stays()
    {
        var image = await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        await _bench.Content.ImageAsync("linux/amd64", tag: "latest");
        await _bench.RemoveAsync(_bench.Tag("1.0"));
        Assert.Equal(["latest"], await _bench.TagsAsync());
        Assert.Equal(image.Digest, (await _bench.Store.ResolveAsync("latest", CancellationToken.None))!.Digest);
    }

    [RegistryFact]
    public async Task What_the_registry_cannot_do_is_found_out_once()
    {
        foreach (var tag in new[] { "1.0", "1.1" })
            await _bench.Content.ImageAsync("linux/amd64", tag: tag);
        await _registry.TakeRequestsAsync();
        await _bench.RemoveAsync(_bench.Tag("1.0"));
        Assert.Equal(["DELETE", "DELETE", "HEAD", "POST", "PUT", "PUT", "DELETE"], (await _registry.TakeRequestsAsync()).Select(request => request.Method));
        await _bench.RemoveAsync(_bench.Tag("1.1"));
        // The empty config of the stand-in is there since the first.
        Assert.Equal(["HEAD", "PUT", "DELETE"], (await _registry.TakeRequestsAsync()).Select(request => request.Method));
    }

    [RegistryFact]
    [Needs(Part.Peers)]
    public async Task A_sister_is_lost_by_a_peer_that_deletes_the_digest()
    {
        await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        await _bench.Content.ImageAsync("linux/amd64", tag: "latest");
        await Tool.RunAsync("skopeo", "delete", "--tls-verify=false", $"docker://{_registry.Host}/team/app:1.0");
        Assert.Null(await _bench.Store.ResolveAsync("latest", CancellationToken.None));
    }

    [RegistryFact]
    public async Task What_the_only_tag_held_stays_under_its_digest()
    {
        var image = await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        await _bench.RemoveAsync(_bench.Tag("1.0"));
        Assert.Null(await _bench.Store.ResolveAsync("1.0", CancellationToken.None));
        Assert.True(await _bench.HasAsync(image.Digest));
    }

    [RegistryFact]
    public async Task A_tag_that_is_not_there_is_an_error_and_nothing_is_put()
    {
        await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        await _registry.TakeRequestsAsync();
        var failure = await Assert.ThrowsAsync<ManifestNotFoundException>(() => _bench.RemoveAsync(_bench.Tag("2.0")));
        Assert.Contains("team/app:2.0 was not found", failure.Message);
        Assert.DoesNotContain(await _registry.TakeRequestsAsync(), request => request.Method is "PUT" or "POST");
    }

    [RegistryFact]
    public async Task A_registry_that_deletes_nothing_is_told_from_one_that_deletes_no_tags_before_the_tag_is_touched()
    {
        await using var strict = await RegistryProcess.StartAsync(canDelete: false);
        using var bench = new RemovalBench(strict.Host);
        var image = await bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        await strict.TakeRequestsAsync();
        var failure = await Assert.ThrowsAsync<DeletionDisabledException>(() => bench.RemoveAsync(bench.Tag("1.0")));
        Assert.Contains("405", failure.Message);
        Assert.Contains("storage.delete.enabled", failure.Message);
        Assert.All(await strict.TakeRequestsAsync(), request => Assert.Equal("DELETE", request.Method));
        Assert.Equal(image.Digest, (await bench.Store.ResolveAsync("1.0", CancellationToken.None))!.Digest);
        await Assert.ThrowsAsync<DeletionDisabledException>(() => bench.RemoveAsync(bench.Tag("1.0"), recurse: true));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_fault_after_the_stand_in_was_put_leaves_the_tag_as_it_was()
    {
        var image = await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        var deletes = 0;
        await using var proxy = new RefusingProxy(_registry.Host, request => request.StartsWith("DELETE", StringComparison.Ordinal) && ++deletes == 3 ? 503 : null);
        using var bench = new RemovalBench(proxy.Host);
        var failure = await Assert.ThrowsAsync<TagNotDeletedException>(() => bench.RemoveAsync(bench.Tag("1.0")));
        Assert.Null(failure.StandIn);
        Assert.Contains("it holds", failure.Message);
        Assert.Equal(image.Digest, (await _bench.Store.ResolveAsync("1.0", CancellationToken.None))!.Digest);
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_fault_that_persists_says_what_the_tag_holds_and_the_next_run_finishes()
    {
        var image = await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        var (deletes, isBroken) = (0, false);
        await using var proxy = new RefusingProxy(_registry.Host, request => (isBroken |= request.StartsWith("DELETE", StringComparison.Ordinal) && ++deletes == 3) ? 503 : null);
        using var bench = new RemovalBench(proxy.Host);
        var failure = await Assert.ThrowsAsync<TagNotDeletedException>(() => bench.RemoveAsync(bench.Tag("1.0")));
        Assert.Contains($"may hold the empty stand-in {failure.StandIn} in place of {image.Digest}", failure.Message);
        Assert.Equal(failure.StandIn, (await _bench.Store.ResolveAsync("1.0", CancellationToken.None))!.Digest);
        await _bench.RemoveAsync(_bench.Tag("1.0"));
        Assert.Null(await _bench.Store.ResolveAsync("1.0", CancellationToken.None));
    }

    [RegistryFact]
    public async Task A_digest_that_a_live_fat_manifest_needs_is_refused_unless_forced()
    {
        var (amd64, arm64) = (await _bench.Content.ImageAsync("linux/amd64"), await _bench.Content.ImageAsync("linux/arm64"));
        await _bench.Content.IndexAsync("1.0", amd64, arm64);
        await _bench.Content.IndexAsync("latest", amd64, arm64);
        var failure = await Assert.ThrowsAsync<StillNeededException>(() => _bench.RemoveAsync(_bench.At(arm64.Digest)));
        Assert.Equal(["1.0 (a fat manifest)", "latest (a fat manifest)"], failure.Users);
        Assert.True(await _bench.HasAsync(arm64.Digest));
        await _bench.RemoveAsync(_bench.At(arm64.Digest), force: true);
        Assert.False(await _bench.HasAsync(arm64.Digest));
    }

    [RegistryFact]
    public async Task A_digest_that_a_tag_holds_is_refused_and_one_that_nothing_needs_goes()
    {
        var tagged = await _bench.Content.ImageAsync("linux/amd64", tag: "1.0");
        var free = await _bench.Content.ImageAsync("linux/arm64");
        Assert.Equal(["1.0"], (await Assert.ThrowsAsync<StillNeededException>(() => _bench.RemoveAsync(_bench.At(tagged.Digest)))).Users);
        await _bench.RemoveAsync(_bench.At(free.Digest));
        Assert.False(await _bench.HasAsync(free.Digest));
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => _bench.RemoveAsync(_bench.At(free.Digest)));
    }

    [RegistryFact]
    public async Task A_fat_manifest_goes_with_what_only_it_uses()
    {
        var (amd64, arm64) = (await _bench.Content.ImageAsync("linux/amd64"), await _bench.Content.ImageAsync("linux/arm64"));
        var (old, attestation) = (await _bench.Content.ImageAsync("linux/386"), await _bench.Content.AttestationAsync(arm64.Digest));
        var fat = await _bench.Content.IndexAsync("1.0", amd64, arm64, old, attestation);
        await _bench.Content.IndexAsync("2.0", amd64);
        await _bench.Content.ImageAsync("linux/386", tag: "386");
        var plan = await _bench.RemoveAsync(_bench.Tag("1.0"), recurse: true);
        Assert.Equal(["fat manifest", "linux/arm64", "attestation"], plan.Manifests.Select(manifest => manifest.Kind));
        Assert.Equal(
            [(old.Digest, "386"), (amd64.Digest, "2.0 (a fat manifest)")],
            plan.Kept.OrderByDescending(kept => kept.Digest == old.Digest).Select(kept => (kept.Digest, kept.Users.Single())));
        foreach (var gone in new[] { fat.Digest, arm64.Digest, attestation.Digest })
            Assert.False(await HasAsync(gone));
        foreach (var kept in new[] { amd64.Digest, old.Digest })
            Assert.True(await HasAsync(kept));
        Assert.Equal(["2.0", "386"], await _bench.TagsAsync());
    }

    [RegistryFact]
    public async Task A_fat_manifest_with_another_tag_stays_whole_and_loses_only_the_tag()
    {
        var (amd64, arm64) = (await _bench.Content.ImageAsync("linux/amd64"), await _bench.Content.ImageAsync("linux/arm64"));
        await _bench.Content.IndexAsync("1.0", amd64, arm64);
        await _bench.Content.IndexAsync("latest", amd64, arm64);
        var plan = await _bench.RemoveAsync(_bench.Tag("1.0"), recurse: true);
        Assert.Empty(plan.Manifests);
        Assert.Contains("fat manifest", plan.Description);
        Assert.Contains("stays for latest", plan.Description);
        Assert.Equal(["latest"], await _bench.TagsAsync());
        Assert.True(await HasAsync(arm64.Digest));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task What_cannot_be_removed_is_named_and_the_rest_is_removed()
    {
        var (amd64, arm64) = (await _bench.Content.ImageAsync("linux/amd64"), await _bench.Content.ImageAsync("linux/arm64"));
        await _bench.Content.IndexAsync("1.0", amd64, arm64);
        await using var proxy = new RefusingProxy(_registry.Host, request => request == $"DELETE /v2/team/app/manifests/{amd64.Digest}" ? 403 : null);
        using var bench = new RemovalBench(proxy.Host);
        var failure = await Assert.ThrowsAsync<RemovalIncompleteException>(() => bench.RemoveAsync(bench.Tag("1.0"), recurse: true));
        Assert.Equal([$"{proxy.Host}/team/app@{amd64.Digest}"], failure.Left);
        Assert.False(await HasAsync(arm64.Digest));
    }

    [RegistryFact]
    [Needs(Part.HttpListener)]
    public async Task A_user_of_a_token_server_may_delete()
    {
        using var server = new TokenServer("jan", "geheim");
        await using var registry = await RegistryProcess.StartWithTokensAsync(server);
        using var fixture = new Registry.RegistryFixture();
        var store = fixture.Open($"{registry.Host}/team/app", new Oci.Registry.Auth.RegistryCredential("jan", "geheim"));
        await new Stores.SampleImage("one").PutAsync(store, "1.0", "latest");
        Assert.True(await store.DeleteTagAsync("1.0", CancellationToken.None));
        Assert.NotNull(await store.ResolveAsync("latest", CancellationToken.None));
        Assert.Contains("repository:team/app:pull,push,delete", server.Asked);
    }

    [Fact]
    [Needs(Part.HttpListener)]
    public async Task One_request_suffices_where_the_registry_deletes_tags()
    {
        var requests = new ConcurrentQueue<string>();
        using var server = new AnsweringServer(context =>
        {
            requests.Enqueue($"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}");
            context.Response.StatusCode = context.Request.Url.AbsolutePath.EndsWith("/1.0", StringComparison.Ordinal) ? 202 : 404;
            return "";
        });
        using var bench = new RemovalBench(server.Host);
        await bench.RemoveAsync(bench.Tag("1.0"));
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => bench.RemoveAsync(bench.Tag("2.0")));
        Assert.Equal(["DELETE /v2/team/app/manifests/1.0", "DELETE /v2/team/app/manifests/2.0"], requests);
    }

    private Task<bool> HasAsync(Digest digest) => _bench.HasAsync(digest);
}
