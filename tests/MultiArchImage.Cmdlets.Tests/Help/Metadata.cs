using System.Management.Automation;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Help;

/// <summary>The cmdlets as the PowerShell engine knows them.</summary>
internal static class Metadata
{
    private static readonly Lazy<Task<IReadOnlyDictionary<string, CommandInfo>>> Loaded = new(LoadAsync);

    public static async Task<CommandInfo> OfAsync(string cmdlet) => (await Loaded.Value)[cmdlet];

    public static async Task<IEnumerable<string>> NamesAsync() => (await Loaded.Value).Keys.Order(StringComparer.Ordinal);

    /// <summary>The parameters that a page tells of: all but the common ones, and those for the pipeline alone.</summary>
    public static IEnumerable<ParameterMetadata> Parameters(CommandInfo cmdlet) =>
        cmdlet.Parameters.Values
        .Where(parameter => !PSCmdlet.CommonParameters.Contains(parameter.Name) && !parameter.Attributes.OfType<ParameterAttribute>().Any(attribute => attribute.DontShow));

    private static async Task<IReadOnlyDictionary<string, CommandInfo>> LoadAsync()
    {
        // Not disposed of: the engine works out parameters when they are asked for, in the runspace that the command came from.
        var session = new PowerShellSession();
        var found = (await session.RunAsync(
            "Get-Command -Module MultiArchImage -CommandType Cmdlet | ForEach-Object { $null = $_.Parameters, $_.ParameterSets; $_ }")).WithoutErrors();
        return found.Output.Select(item => (CommandInfo)item.BaseObject).ToDictionary(cmdlet => cmdlet.Name);
    }
}
