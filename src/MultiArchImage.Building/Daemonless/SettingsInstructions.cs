using System.Formats.Tar;

namespace MultiArchImage.Building.Daemonless;

/// <summary>The instructions that change how a container runs, not what is in it; only WORKDIR makes a folder.</summary>
internal static class SettingsInstructions
{
    /// <summary>Does an instruction to the settings of a stage; returns the layer that it makes, if it makes one.</summary>
    /// <exception cref="DockerfileException">An argument is malformed.</exception>
    public static IReadOnlyList<TreeEntry>? Apply(StageState state, Instruction instruction)
    {
        switch (instruction.Keyword)
        {
            case "ENV":
                // The whole instruction sees the values from before it (Dockerfile reference: Environment replacement).
                foreach (var (name, value) in ExpandPairs(state, instruction))
                    state.Settings.SetEnvironment(name, value);
                break;
            case "LABEL":
                foreach (var (name, value) in ExpandPairs(state, instruction))
                    state.Settings.SetLabel(name, value);
                break;
            case "WORKDIR":
                return EnterFolder(state, instruction);
            case "USER":
                state.Settings.SetUser(ExpandOne(state, instruction));
                break;
            case "EXPOSE":
                foreach (var ports in Expand(state, instruction).SelectMany(word => word.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                    state.Settings.AddPorts(instruction, ports);
                break;
            case "VOLUME":
                foreach (var path in Expand(state, instruction))
                    state.Settings.AddVolume(path.Length > 0 ? path : throw instruction.Error("VOLUME has an empty path"));
                break;
            case "STOPSIGNAL":
                state.Settings.SetStopSignal(instruction, ExpandOne(state, instruction));
                break;
            case "SHELL":
                state.Settings.SetShell(instruction.Json is { Count: > 0 } words
                    ? words
                    : throw instruction.Error("SHELL has only the JSON form", "write SHELL [\"program\", \"-c\"]"));
                break;
            case "CMD":
                state.Settings.SetCommand(instruction);
                break;
            case "ENTRYPOINT":
                state.Settings.SetEntrypoint(instruction);
                break;
            case "MAINTAINER":
                state.Author = instruction.Text;
                break;
        }
        return null;
    }

    private static List<TreeEntry> EnterFolder(StageState state, Instruction instruction)
    {
        var written = ExpandOne(state, instruction);
        var path = FileTree.Clean(written.StartsWith('/') ? written : $"{state.Settings.WorkingFolder}/{written}");
        state.Settings.WorkingFolder = "/" + path;
        var real = state.Tree.Resolve(path) ?? throw instruction.Error($"'{written}' is a link that leads in circles");
        var made = new List<TreeEntry>();
        for (var folder = real; state.Tree.Find(folder) is not { IsFolder: true }; folder = FileTree.Split(folder).Folder)
        {
            if (state.Tree.Find(folder) is not null)
                throw instruction.Error($"'/{folder}' is a file, not a folder");
            made.Add(new TreeEntry(folder, TarEntryType.Directory));
        }
        made.Reverse();
        return made;
    }

    private static IReadOnlyList<(string Name, string Value)> ExpandPairs(StageState state, Instruction instruction) =>
        [.. Assignments.Read(instruction).Select(pair => (
            VariableExpansion.Expand(pair.Name, state.Value, instruction), VariableExpansion.Expand(pair.Value, state.Value, instruction)))];

    private static IReadOnlyList<string> Expand(StageState state, Instruction instruction) =>
        [.. (instruction.Json ?? instruction.Words).Select(word => VariableExpansion.Expand(word, state.Value, instruction))];

    private static string ExpandOne(StageState state, Instruction instruction) =>
        VariableExpansion.Expand(instruction.Text, state.Value, instruction) is { Length: > 0 } value
            ? value
            : throw instruction.Error($"{instruction.Keyword} {instruction.Text} is empty here");
}
