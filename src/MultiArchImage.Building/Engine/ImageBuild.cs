using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;
using Google.Protobuf;
using MultiArchImage.Building.Engine.Progress;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Building.Engine;

/// <summary>One build by the engine's BuildKit (Docker Engine API: ImageBuild).</summary>
internal sealed class ImageBuild(IDockerClient client, IActivitySink sink)
{
    // ImageBuild's parameter version; 1 is the classic builder, which mixes up its cache between platforms.
    private const string BuildKit = "2";

    private readonly IDockerClient _client = client;

    /// <summary>Builds and names the image.</summary>
    /// <returns>The image's id.</returns>
    /// <exception cref="BuildFailedException">A step failed, or the Dockerfile is malformed.</exception>
    public async Task<string> RunAsync(BuildRequest request, BuildContext context, CancellationToken cancel)
    {
        var steps = new BuildSteps($"Building {request.Reference}", sink);
        var body = new TarBody((output, token) => context.WriteTarAsync(output, request.Dockerfile, token), cancel);
        await using var _ = body.ConfigureAwait(false);
        try
        {
#pragma warning disable CS0618 // Its successor parses the lines itself, and fails on BuildKit's, whose aux is no object.
            var answer = await _client.Images.BuildImageFromDockerfileAsync(body, ToParameters(request, context), cancel).ConfigureAwait(false);
#pragma warning restore CS0618
            await using (answer.ConfigureAwait(false))
                return await ReadAsync(answer, request, steps, cancel).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (FailureOfBody(e) is { } failure)
        {
            throw failure;
        }
        catch (DockerApiException e)
        {
            throw new BuildFailedException($"{request.Reference}", request.Dockerfile, EngineFailure.MessageOf(e), []) { Subject = $"{request.Reference}" };
        }
        finally
        {
            steps.Complete();
        }
    }

    // What failed while the context was read comes back from the sending of it, wrapped.
    private static ImageException? FailureOfBody(Exception? e)
    {
        while (e is not null and not ImageException)
            e = e.InnerException;
        return e as ImageException;
    }

    private static ImageBuildParameters ToParameters(BuildRequest request, BuildContext context) => new()
    {
        Version = BuildKit,
        Tags = [$"{request.Reference}"],
        Platform = request.Platform.ToString(),
        Dockerfile = context.NameInArchive(request.Dockerfile),
        BuildArgs = request.BuildArguments.ToDictionary(),
        Labels = request.Labels.ToDictionary(),
        Target = request.Target,
        NoCache = request.NoCache,
        Pull = request.Pull ? "1" : null,
    };

    // A line is {"id":"moby.buildkit.trace","aux":BASE64}, {"id":"moby.image.id","aux":{"ID":…}} or {"errorDetail":{"message":…}}.
    private static async Task<string> ReadAsync(Stream answer, BuildRequest request, BuildSteps steps, CancellationToken cancel)
    {
        using var lines = new StreamReader(answer, Encoding.UTF8);
        string? id = null;
        while (await lines.ReadLineAsync(cancel).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
                continue;
            var message = Json.ParseObject(Encoding.UTF8.GetBytes(line), "the Docker Engine's progress");
            if ((message["errorDetail"] as JObject)?.Text("message") is { } error)
                throw Failure(request, steps, error);
            switch (message.Text("id"), message["aux"])
            {
                case ("moby.buildkit.trace", JValue { Value: string trace }):
                    steps.Add(StatusResponse.Parser.ParseFrom(ByteString.FromBase64(trace)));
                    break;
                case ("moby.image.id", JObject aux):
                    id = aux.Text("ID");
                    break;
            }
        }
        return id ?? throw new EngineErrorException($"build {request.Reference}", "its answer ended before the image was there");
    }

    private static BuildFailedException Failure(BuildRequest request, BuildSteps steps, string error) => steps.Failed is { } step
        ? new($"{request.Reference}", step.Name, step.Error!, step.LastLines) { Subject = $"{request.Reference}" }
        : new($"{request.Reference}", request.Dockerfile, error, []) { Subject = $"{request.Reference}" };
}
