using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Building.Daemonless;

/// <summary>Builds the stages of a Dockerfile that are needed, each once.</summary>
internal sealed class StageBuilder(BuildInput input, Workspace workspace, Func<ImageReference, IImageStore> openStore, IActivitySink sink)
{
    private const string Scratch = "scratch";
    private readonly Dictionary<int, StageState> _built = [];
    private readonly Dictionary<(string Name, Platform Platform), FileTree> _images = [];

    /// <summary>Builds a stage and those that it needs.</summary>
    /// <exception cref="DockerfileException">An instruction cannot be done; the message names its line.</exception>
    public async Task<StageState> BuildAsync(Stage stage, CancellationToken cancel)
    {
        if (_built.TryGetValue(stage.Index, out var built))
            return built;
        // Before any layer is fetched.
        foreach (var instruction in stage.Instructions)
            EngineOnly.Refuse(instruction);
        var state = await BeginAsync(stage, cancel).ConfigureAwait(false);
        for (var number = 0; number < stage.Instructions.Count; number++)
        {
            cancel.ThrowIfCancellationRequested();
            Tell(stage, number, stage.Instructions[number]);
            await ApplyAsync(stage, state, stage.Instructions[number], cancel).ConfigureAwait(false);
        }
        return _built[stage.Index] = state;
    }

    private void Tell(Stage stage, int number, Instruction instruction)
    {
        var step = $"[{stage.Name ?? $"stage {stage.Index}"} {number + 1}/{stage.Instructions.Count}] {instruction.Source}";
        sink.Verbose(step);
        sink.Progress(new ActivityProgress(input.Activity, step, (double)number / stage.Instructions.Count));
    }

    private async Task<StageState> BeginAsync(Stage stage, CancellationToken cancel)
    {
        var name = VariableExpansion.Expand(stage.Base, input.Variables.Global, stage.From);
        var wanted = StagePlatform(stage);
        if (input.Dockerfile.Find(name, stage.Index) is { } earlier)
            return StageState.FromStage(await BuildAsync(earlier, cancel).ConfigureAwait(false));
        if (wanted.Os == "windows")
            throw stage.From.Error("images for Windows have a layout of their own", "build them with a Docker Engine");
        if (name == Scratch)
            return StageState.FromScratch(wanted);
        var image = await OpenImageAsync(stage.From, name, wanted, cancel).ConfigureAwait(false);
        var settings = RunSettings.Of(image.Config);
        if (settings.HasTriggers)
            throw stage.From.Error($"{name} has ONBUILD triggers, which need a Docker Engine", "build without -Output, or start from another image");
        return StageState.FromImage(image, settings, await image.ReadTreeAsync(workspace, cancel).ConfigureAwait(false));
    }

    private Platform StagePlatform(Stage stage)
    {
        CheckFlags(stage.From, "platform");
        if (!stage.From.Flags.TryGetValue("platform", out var text))
            return input.Platform;
        var expanded = VariableExpansion.Expand(text, input.Variables.Global, stage.From);
        return Platform.TryParse(expanded, out var parsed) ? parsed : throw stage.From.Error($"'{expanded}' is no platform", "write os/arch, like linux/arm64");
    }

    private async Task<BaseImage> OpenImageAsync(Instruction instruction, string name, Platform wanted, CancellationToken cancel)
    {
        if (!ImageReference.TryParse(name, out var written))
            throw instruction.Error($"'{name}' is neither an earlier stage nor an image reference", "write NAME[:TAG], or oci:PATH[:TAG]");
        var reference = written.MapPath(path => Path.GetFullPath(path, input.Folder)).OrLatest();
        return await BaseImage.OpenAsync(instruction, reference, openStore(reference.Place), wanted, cancel).ConfigureAwait(false);
    }

    private async Task ApplyAsync(Stage stage, StageState state, Instruction instruction, CancellationToken cancel)
    {
        switch (instruction.Keyword)
        {
            case "COPY":
                await CopyAsync(stage, state, instruction, cancel).ConfigureAwait(false);
                break;
            case "ARG":
                DeclareArguments(state, instruction);
                break;
            default:
                state.Add(instruction, SettingsInstructions.Apply(state, instruction));
                break;
        }
    }

    private void DeclareArguments(StageState state, Instruction instruction)
    {
        foreach (var (name, value) in Assignments.ReadArguments(instruction))
            state.Arguments[name] = input.Variables.Choose(name, value is null ? null : VariableExpansion.Expand(value, state.Value, instruction));
    }

    private async Task CopyAsync(Stage stage, StageState state, Instruction instruction, CancellationToken cancel)
    {
        CheckFlags(instruction, "from", "chown", "chmod", "link");
        var paths = (instruction.Json ?? instruction.Words).Select(word => VariableExpansion.Expand(word, state.Value, instruction)).ToList();
        if (paths.Count < 2)
            throw instruction.Error("COPY needs a source and a destination", "write COPY source destination");
        var from = await SourceAsync(stage, state, instruction, cancel).ConfigureAwait(false);
        var request = new CopyRequest(
            instruction, paths[..^1], paths[^1], from ?? input.Context.Value,
            // Dockerfile reference: COPY --link: the layer does not depend on what is below it.
            instruction.Flags.ContainsKey("link") ? new FileTree() : state.Tree, state.Settings.WorkingFolder)
        {
            Owner = await OwnerAsync(state, instruction, cancel).ConfigureAwait(false),
            Mode = Mode(state, instruction),
            FromName = from is null ? "the build context" : Flag(state, instruction, "from")!,
        };
        var entries = await workspace.ExtractAsync(CopyPlan.Make(request), cancel).ConfigureAwait(false);
        foreach (var entry in entries.Where(entry => entry.HasExtendedAttributes))
            sink.Warning($"{instruction.File}:{instruction.Line}: /{entry.Path} loses its extended attributes; a build with a Docker Engine keeps them");
        state.Add(instruction, entries);
    }

    // The files of --from; null where the context is meant.
    private async Task<FileTree?> SourceAsync(Stage stage, StageState state, Instruction instruction, CancellationToken cancel)
    {
        if (Flag(state, instruction, "from") is not { } name)
            return null;
        if (input.Dockerfile.Find(name, stage.Index) is { } earlier)
            return (await BuildAsync(earlier, cancel).ConfigureAwait(false)).Tree;
        if (!_images.TryGetValue((name, state.Platform), out var tree))
        {
            var image = await OpenImageAsync(instruction, name, state.Platform, cancel).ConfigureAwait(false);
            _images[(name, state.Platform)] = tree = await image.ReadTreeAsync(workspace, cancel).ConfigureAwait(false);
        }
        return tree;
    }

    private async Task<Owner?> OwnerAsync(StageState state, Instruction instruction, CancellationToken cancel) =>
        Flag(state, instruction, "chown") is { } text
            ? await Owners.ResolveAsync(text, state.Tree, workspace, instruction, cancel).ConfigureAwait(false)
            : null;

    private static UnixFileMode? Mode(StageState state, Instruction instruction)
    {
        const int octal = 8;
        if (Flag(state, instruction, "chmod") is not { } text)
            return null;
        return text.Length is 3 or 4 && text.All(digit => digit is >= '0' and <= '7')
            ? (UnixFileMode)Convert.ToInt32(text, octal)
            : throw instruction.Error($"'{text}' is no mode", "write three or four octal digits, like --chmod=0755");
    }

    private static string? Flag(StageState state, Instruction instruction, string name) =>
        instruction.Flags.TryGetValue(name, out var text) ? VariableExpansion.Expand(text, state.Value, instruction) : null;

    private static void CheckFlags(Instruction instruction, params string[] known)
    {
        if (instruction.Flags.Keys.Except(known).FirstOrDefault() is { } unknown)
            throw instruction.Error($"{instruction.Keyword} --{unknown} is not understood without an engine", "leave it out, or build without -Output");
    }
}
