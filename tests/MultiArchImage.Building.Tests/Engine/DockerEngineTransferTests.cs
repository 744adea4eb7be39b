using MultiArchImage.Building.Engine;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Building.Tests.Engine;

public sealed class DockerEngineTransferTests
{
    private const string Dockerfile = "FROM scratch\nARG TARGETARCH\nCOPY busybox-$TARGETARCH /busybox\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [EngineFact]
    public async Task The_list_has_one_image_for_each_tag_that_fits()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Dockerfile);
        foreach (var tag in new[] { "b-arm64", "a-amd64" })
            await bench.BuildAsync(tag, $"linux/{tag[2..]}");

        var all = await bench.ListAsync();
        Assert.Equal(["a-amd64", "b-arm64"], all.Select(image => image.Tag));
        Assert.Equal(["linux/amd64", "linux/arm64"], all.Select(image => image.Platform));
        Assert.Equal("a-amd64", Assert.Single(await bench.ListAsync($"docker.io/library/{bench.Repository}:a*")).Tag);
        Assert.Equal(2, (await bench.ListAsync($"{bench.Repository[..^1]}*")).Count);
        Assert.Empty(await bench.ListAsync($"other/{bench.Repository}:*"));
    }

    [EngineFact]
    public async Task A_removed_name_is_gone()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Dockerfile);
        var reference = ImageReference.Parse((await bench.BuildAsync()).Reference);
        await bench.Engine.RemoveAsync(reference, Cancel);
        Assert.Empty(await bench.ListAsync());
        await Assert.ThrowsAsync<ManifestNotFoundException>(() => bench.Engine.RemoveAsync(reference, Cancel));
    }

    [EngineFact]
    public async Task A_pushed_image_is_at_the_registry_by_the_digest_that_is_told()
    {
        await using var registry = await RegistryProcess.StartAsync();
        await using var bench = await EngineWorkbench.OpenAsync(Dockerfile);
        var built = await bench.BuildAsync(platform: "linux/arm64");
        var target = ImageReference.Parse($"{registry.Host}/team/app:arm64");

        var pushed = await bench.Engine.PushAsync(ImageReference.Parse(built.Reference), target, null, Cancel);

        Assert.Equal((target.ToString(), registry.Host, "team/app", "arm64"), (pushed.Reference, pushed.Registry, pushed.Repository, pushed.Tag));
        Assert.Equal(("linux/arm64", "Registry", built.ImageId), (pushed.Platform, pushed.Location, pushed.ImageId));
        using var http = new HttpClient { DefaultRequestHeaders = { { "Accept", MediaTypes.DockerManifest } } };
        var manifest = await http.GetByteArrayAsync(new Uri($"http://{registry.Host}/v2/team/app/manifests/arm64"), Cancel);
        Assert.Equal(Digest.Of(manifest).ToString(), pushed.Digest);
        Assert.Equal((manifest.Length, MediaTypes.DockerManifest), (pushed.ManifestSize, pushed.MediaType));
        Assert.Contains(bench.Activity.Steps, step => step.Activity == $"Pushing {target}" && step.Status.StartsWith("layer ", StringComparison.Ordinal));
        Assert.Single(bench.Activity.Steps, step => step.IsCompleted && step.Activity == $"Pushing {target}");
    }

    [EngineFact]
    public async Task The_name_of_a_push_is_not_left_in_the_engine()
    {
        await using var registry = await RegistryProcess.StartAsync();
        await using var bench = await EngineWorkbench.OpenAsync(Dockerfile);
        var source = ImageReference.Parse((await bench.BuildAsync()).Reference);
        await bench.Engine.PushAsync(source, ImageReference.Parse($"{registry.Host}/app:1"), null, Cancel);
        await Assert.ThrowsAsync<RegistryUnreachableException>(
            () => bench.Engine.PushAsync(source, ImageReference.Parse("127.0.0.1:1/app:1"), null, Cancel));

        Assert.Empty(await bench.ListAsync($"{registry.Host}/app:*"));
        Assert.Empty(await bench.ListAsync("127.0.0.1:1/app:*"));
        Assert.Single(await bench.ListAsync());
    }

    [EngineFact]
    public async Task A_name_that_the_engine_had_before_a_push_means_what_it_meant()
    {
        await using var registry = await RegistryProcess.StartAsync();
        await using var bench = await EngineWorkbench.OpenAsync(Dockerfile);
        var recent = await bench.BuildAsync("2", "linux/arm64");
        var name = ImageReference.Parse($"{registry.Host}/app:1");
        var mine = await bench.BuildAsync(bench.Request() with { Reference = name });
        try
        {
            await bench.Engine.PushAsync(ImageReference.Parse(recent.Reference), name, null, Cancel);
            Assert.Equal(mine.ImageId, Assert.Single(await bench.ListAsync(name.ToString())).ImageId);
        }
        finally
        {
            await bench.Engine.RemoveAsync(name, Cancel);
        }
    }

    [EngineFact]
    public async Task A_push_of_what_the_engine_does_not_have_says_so()
    {
        await using var bench = await EngineWorkbench.OpenAsync(Dockerfile);
        var reference = ImageReference.Parse($"127.0.0.1:1/{bench.Repository}:none");
        var failure = await Assert.ThrowsAsync<ManifestNotFoundException>(() => bench.Engine.PushAsync(reference, reference, null, Cancel));
        Assert.Equal(reference.ToString(), failure.Subject);
    }

    [EngineFact]
    public async Task A_pulled_image_is_the_one_for_the_platform()
    {
        await using var registry = await RegistryProcess.StartAsync();
        await using var bench = await EngineWorkbench.OpenAsync(Dockerfile);
        var source = ImageReference.Parse((await bench.BuildAsync(platform: "linux/arm64")).Reference);
        var target = ImageReference.Parse($"{registry.Host}/app:1");
        var pushed = await bench.Engine.PushAsync(source, target, null, Cancel);
        await bench.Engine.RemoveAsync(source, Cancel);

        var pulled = await bench.Engine.PullAsync(target, Platform.Parse("linux/arm64"), null, Cancel);
        try
        {
            Assert.Equal((pushed.ImageId, pushed.Digest, "Engine"), (pulled.ImageId, pulled.Digest, pulled.Location));
            Assert.Equal(pushed.Digest, Assert.Single(await bench.ListAsync(target.ToString())).Digest);
            Assert.Contains(bench.Activity.Steps, step => step.Activity == $"Pulling {target}" && step.IsCompleted);
            var byDigest = target.WithDigest(Digest.Parse(pushed.Digest!));
            Assert.Equal(pushed.ImageId, (await bench.Engine.PullAsync(byDigest, Platform.Parse("linux/arm64"), null, Cancel)).ImageId);
            var failure = await Assert.ThrowsAsync<NoImageForPlatformException>(
                () => bench.Engine.PullAsync(target, Platform.Parse("linux/s390x"), null, Cancel));
            Assert.Contains("linux/arm64", failure.Message);
        }
        finally
        {
            await bench.Engine.RemoveAsync(target, Cancel);
        }
    }

    [EngineFact]
    public async Task A_pull_of_what_is_not_there_says_so()
    {
        await using var registry = await RegistryProcess.StartAsync();
        using var engine = await DockerEngine.ConnectAsync(Requirements.DockerHost, new RecordedActivity(), Cancel);
        await Assert.ThrowsAsync<ManifestNotFoundException>(
            () => engine.PullAsync(ImageReference.Parse($"{registry.Host}/nothing:1"), engine.Platform, null, Cancel));
        await Assert.ThrowsAsync<RegistryUnreachableException>(
            () => engine.PullAsync(ImageReference.Parse("127.0.0.1:1/nothing:1"), engine.Platform, null, Cancel));
    }

    [EngineFact]
    public async Task The_account_is_used_and_a_wrong_one_is_told()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync("anna", "s3cret");
        await using var bench = await EngineWorkbench.OpenAsync(Dockerfile);
        var source = ImageReference.Parse((await bench.BuildAsync()).Reference);
        var target = ImageReference.Parse($"{registry.Host}/app:1");

        foreach (var account in new[] { null, new RegistryCredential("anna", "wrong") })
        {
            var failure = await Assert.ThrowsAsync<RegistryUnauthorizedException>(() => bench.Engine.PushAsync(source, target, account, Cancel));
            Assert.Contains("Connect-ArchRegistry", failure.Remedy);
        }
        Assert.NotNull((await bench.Engine.PushAsync(source, target, new RegistryCredential("anna", "s3cret"), Cancel)).Digest);
        Assert.DoesNotContain(bench.Activity.Lines, line => line.Contains("s3cret", StringComparison.Ordinal));
    }
}
