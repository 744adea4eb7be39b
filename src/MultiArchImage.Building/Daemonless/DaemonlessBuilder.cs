using System.Globalization;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Building.Daemonless;

/// <summary>
/// Builds an image from a Dockerfile that runs nothing, without an engine: FROM, ARG, ENV, COPY, WORKDIR, USER, LABEL, EXPOSE, VOLUME, CMD,
/// ENTRYPOINT, STOPSIGNAL and SHELL. The same input gives the same digest; <c>SOURCE_DATE_EPOCH</c>, as a build argument or in the
/// environment, sets the time of all that would be newer.
/// </summary>
/// <param name="sink">Where the steps are told.</param>
/// <param name="openStore">Opens the place of a base image.</param>
public sealed class DaemonlessBuilder(IActivitySink sink, Func<ImageReference, IImageStore> openStore)
{
    /// <summary>Builds one image into a store.</summary>
    /// <param name="request">What to build.</param>
    /// <param name="context">The folder whose files COPY sees.</param>
    /// <param name="target">Where the image goes, under the tag of the request's name.</param>
    /// <param name="cancel">Ends the build; the tag stays as it was.</param>
    /// <exception cref="DockerfileException">The Dockerfile is malformed, or needs an engine.</exception>
    /// <exception cref="BuildContextException">There is no such Dockerfile.</exception>
    public async Task<ArchImage> BuildAsync(BuildRequest request, BuildContext context, IImageStore target, CancellationToken cancel)
    {
        var dockerfile = await ReadAsync(request.Dockerfile, context.Folder, cancel).ConfigureAwait(false);
        var sourceDate = SourceDate(request, dockerfile);
        var variables = Declare(request, dockerfile);
        using var workspace = new Workspace();
        var activity = $"Building {request.Reference} for {request.Platform}";
        try
        {
            var input = new BuildInput(dockerfile, request.Platform, variables, new(() => List(context, request, target.Place)), context.Folder, activity);
            var builder = new StageBuilder(input, workspace, openStore, sink);
            var state = await BuildTargetAsync(request, dockerfile, builder, cancel).ConfigureAwait(false);
            sink.Progress(new ActivityProgress(activity, $"writing to {target.Place}"));
            var tag = request.Reference.Tag ?? ImageReference.DefaultTag;
            var (manifest, config) = await new ImageWriter(workspace, target, sourceDate).WriteAsync(state, tag, cancel).ConfigureAwait(false);
            return Describe(request.Reference, target.Place.WithTag(tag), manifest, config);
        }
        finally
        {
            sink.Progress(new ActivityProgress(activity, "") { IsCompleted = true });
        }
    }

    // The images of other platforms may be written at this moment: were they seen, each build would have another context.
    private static FileTree List(BuildContext context, BuildRequest request, ImageReference output)
    {
        var tree = new FileTree();
        try
        {
            tree.AddAll(context.Entries(request.Dockerfile, output.Path).Select(entry => ContextFiles.ToEntry(entry.Path, entry.File)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw context.Unreadable(e);
        }
        return tree;
    }

    private static async Task<StageState> BuildTargetAsync(BuildRequest request, Dockerfile dockerfile, StageBuilder builder, CancellationToken cancel)
    {
        var stage = dockerfile.Target(request.Target);
        var state = await builder.BuildAsync(stage, cancel).ConfigureAwait(false);
        if (!state.Platform.IsSameMachineAs(request.Platform))
        {
            throw stage.From.Error(
                $"the image would be for {state.Platform}, but {request.Platform} is built", "let the last stage start from an image for $TARGETPLATFORM");
        }
        foreach (var (name, value) in request.Labels.OrderBy(label => label.Key, StringComparer.Ordinal))
            state.Settings.SetLabel(name, value);
        return state;
    }

    private static async Task<Dockerfile> ReadAsync(string name, string folder, CancellationToken cancel)
    {
        var path = Path.GetFullPath(name, folder);
        try
        {
            return Dockerfile.Parse(path, await File.ReadAllTextAsync(path, cancel).ConfigureAwait(false));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BuildContextException(folder, $"has no {name}", "name it with -Dockerfile", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new BuildContextException(folder, $"has a {name} that cannot be read", "name a file that you may read with -Dockerfile", e);
        }
    }

    private BuildVariables Declare(BuildRequest request, Dockerfile dockerfile)
    {
        var variables = new BuildVariables(request.BuildArguments, request.Platform);
        foreach (var instruction in dockerfile.Arguments)
        {
            foreach (var (name, value) in Assignments.ReadArguments(instruction))
                variables.DeclareGlobal(name, value is null ? null : VariableExpansion.Expand(value, variables.Global, instruction));
        }
        var declared = dockerfile.Stages.SelectMany(stage => stage.Instructions).Where(instruction => instruction.Keyword == "ARG")
            .SelectMany(Assignments.ReadArguments).Select(argument => argument.Name);
        foreach (var unused in variables.Unused(declared))
            sink.Warning($"the build argument {unused} is consumed by no ARG of {dockerfile.File}");
        return variables;
    }

    private static DateTimeOffset? SourceDate(BuildRequest request, Dockerfile dockerfile)
    {
        var text = request.BuildArguments.GetValueOrDefault(BuildVariables.SourceDateEpoch) ?? Environment.GetEnvironmentVariable(BuildVariables.SourceDateEpoch);
        if (string.IsNullOrEmpty(text))
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new DockerfileException(dockerfile.File, 1, $"{BuildVariables.SourceDateEpoch} is '{text}'", "give it in seconds since 1970");
    }

    // Where it was written, and the name that it is meant for.
    private static ArchImage Describe(ImageReference wanted, ImageReference written, ImageManifest manifest, ImageConfig config) =>
        ArchImage.Of(written, manifest.Document.ToDescriptor(), manifest, config) with { Registry = wanted.Registry, Repository = wanted.Repository };
}
