using MultiArchImage.Building.Engine;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Testbed;

namespace MultiArchImage.Building.Tests.Engine;

/// <summary>The engine of the testbed, a context with busybox in it, and names that no other test has.</summary>
internal sealed class EngineWorkbench : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    private EngineWorkbench(DockerEngine engine, RecordedActivity activity) => (Engine, Activity) = (engine, activity);

    public DockerEngine Engine { get; }

    public RecordedActivity Activity { get; }

    /// <summary>A repository of this workbench alone.</summary>
    public string Repository { get; } = $"bench-{Guid.NewGuid():N}";

    public static async Task<EngineWorkbench> OpenAsync(string dockerfile)
    {
        var activity = new RecordedActivity();
        var bench = new EngineWorkbench(await DockerEngine.ConnectAsync(Requirements.DockerHost, activity, TestContext.Current.CancellationToken), activity);
        bench.Write("Dockerfile", dockerfile);
        foreach (var name in new[] { "busybox-amd64", "busybox-arm64" })
            File.Copy(Path.Combine(Requirements.Busybox!, name), bench._folder["context", name]);
        return bench;
    }

    /// <summary>Writes a file of the context, or with <c>..</c> one beside it.</summary>
    public string Write(string name, string content) => _folder.Write($"context/{name}", content);

    public BuildRequest Request(string tag = "1", string platform = "linux/amd64") =>
        new() { Reference = ImageReference.Parse($"{Repository}:{tag}"), Platform = Platform.Parse(platform) };

    public Task<ArchImage> BuildAsync(string tag = "1", string platform = "linux/amd64") => BuildAsync(Request(tag, platform));

    public async Task<ArchImage> BuildAsync(BuildRequest request, CancellationToken? cancel = null)
    {
        using var context = new BuildContext(_folder["context"]);
        return await Engine.BuildAsync(request, context, cancel ?? TestContext.Current.CancellationToken);
    }

    /// <summary>The images of this workbench.</summary>
    public async Task<IReadOnlyList<ArchImage>> ListAsync(string? pattern = null)
    {
        var images = new List<ArchImage>();
        await foreach (var image in Engine.ListAsync(ReferencePattern.Parse(pattern ?? $"{Repository}:*"), TestContext.Current.CancellationToken))
            images.Add(image);
        return images;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var image in await ListAsync())
            await Engine.RemoveAsync(ImageReference.Parse(image.Reference), CancellationToken.None);
        Engine.Dispose();
        _folder.Dispose();
    }
}
