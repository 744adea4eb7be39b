using MultiArchImage.Oci.Model;

namespace MultiArchImage.Building.Daemonless;

/// <summary>A stage while it is built, and when it is: what it started from, its settings, its files, and what each instruction did.</summary>
internal sealed class StageState
{
    private StageState(Platform platform, BaseImage? baseImage, RunSettings settings, FileTree tree, IReadOnlyList<BuildStep> steps)
    {
        (Platform, Base, Settings, Tree) = (platform, baseImage, settings, tree);
        Steps.AddRange(steps);
    }

    /// <summary>What it is built for.</summary>
    public Platform Platform { get; }

    /// <summary>The image below the steps; null for scratch.</summary>
    public BaseImage? Base { get; }

    /// <summary>How a container runs.</summary>
    public RunSettings Settings { get; }

    /// <summary>The files.</summary>
    public FileTree Tree { get; }

    /// <summary>What was done on top of <see cref="Base"/>.</summary>
    public List<BuildStep> Steps { get; } = [];

    /// <summary>The ARGs that were declared in this stage, by name; null for one without a value.</summary>
    public Dictionary<string, string?> Arguments { get; } = new(StringComparer.Ordinal);

    /// <summary>Who made it (MAINTAINER); null where nobody says.</summary>
    public string? Author { get; set; }

    public static StageState FromScratch(Platform platform) => new(platform, null, RunSettings.ForScratch(), new FileTree(), []);

    public static StageState FromImage(BaseImage image, RunSettings settings, FileTree tree) => new(image.Config.Platform, image, settings, tree, []);

    /// <summary>A stage that goes on where another ended; it knows the ARGs of that too.</summary>
    public static StageState FromStage(StageState stage)
    {
        var state = new StageState(stage.Platform, stage.Base, stage.Settings.Copy(), new FileTree(stage.Tree), stage.Steps) { Author = stage.Author };
        foreach (var (name, value) in stage.Arguments)
            state.Arguments[name] = value;
        return state;
    }

    /// <summary>The value that <c>$name</c> has here: of the environment before that of an ARG (Dockerfile reference: Using ARG variables).</summary>
    public string? Value(string name) => Settings.Environment(name) ?? Arguments.GetValueOrDefault(name);

    /// <summary>Lays the entries over the files and remembers the step.</summary>
    public void Add(Instruction instruction, IReadOnlyList<TreeEntry>? entries = null)
    {
        Tree.AddAll(entries ?? []);
        Steps.Add(new BuildStep(instruction.Source, entries ?? []));
    }
}
