using System.Text.RegularExpressions;
using System.Xml.Linq;
using MultiArchImage.Testbed.Jenkins;
using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>A job as <c>jenkins-jobs</c> renders the templates for a project: its builders run on an agent, one after the other, as Jenkins runs them.</summary>
/// <param name="path">The job among those that <c>tests/jenkins/run.sh</c> keeps and compares: <c>akraino/validation-docker-build-amd64-master</c>.</param>
internal sealed partial class RenderedJob(string path)
{
    private readonly XElement _job = XDocument.Load(Path.Combine(Repository.Root, "tests/jenkins/jjb/expected", path)).Root!;

    /// <summary>The scripts of the templates in it; the project's own are the project's.</summary>
    public IEnumerable<string> Scripts => Builders.Select(Command).Where(command => command.Contains("Import-Module MultiArchImage", StringComparison.Ordinal));

    private IEnumerable<XElement> Builders => _job.Element("builders")!.Elements();

    /// <summary>Runs it, up to the builder that fails.</summary>
    /// <param name="agent">Where; its environment has what is known of the build: parameters, SETTINGS_FILE.</param>
    /// <param name="instead">Variables that the job sets, with the values that they get here.</param>
    public async Task<StepResult> RunAsync(JenkinsAgent agent, IReadOnlyDictionary<string, string> instead)
    {
        foreach (var parameter in _job.Descendants("hudson.model.StringParameterDefinition"))
            agent.Environment.TryAdd(parameter.Element("name")!.Value, parameter.Element("defaultValue")!.Value);
        var log = "";
        foreach (var builder in Builders)
        {
            if (builder.Name.LocalName == "EnvInjectBuilder")
                Inject(builder.Descendants("propertiesContent").Single().Value, agent.Environment, instead);
            else if (builder.Name.LocalName != "org.jenkinsci.plugins.configfiles.builder.ConfigFileBuildStep")
            {
                var step = await RunAsync(agent, builder);
                log += step.Log;
                if (step.ExitCode != 0)
                    return step with { Log = log };
            }
        }
        return new StepResult(0, log);
    }

    private static Task<StepResult> RunAsync(JenkinsAgent agent, XElement builder) => builder.Name.LocalName switch
    {
        "hudson.plugins.powershell.PowerShell" => agent.RunAsync(StepKind.PowerShell, Command(builder)),
        "hudson.tasks.Shell" => agent.RunAsync(StepKind.Shell, IsPowerShell(builder) ? Command(builder) : $"#!/bin/sh -xe\n{Command(builder)}"),
        var other => throw new InvalidOperationException($"{other} is no builder that this test knows."),
    };

    // EnvInject: a line is NAME=VALUE, in which $OTHER stands for what is set already.
    private static void Inject(string content, IDictionary<string, string?> environment, IReadOnlyDictionary<string, string> instead)
    {
        foreach (var line in content.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (line[..line.IndexOf('=', StringComparison.Ordinal)], line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..]);
            environment[name] = instead.TryGetValue(name, out var other)
                ? other
                : Variable().Replace(value, match => environment.TryGetValue(match.Groups["name"].Value, out var known) ? $"{known}" : match.Value);
        }
    }

    private static bool IsPowerShell(XElement builder) =>
        builder.Name.LocalName == "hudson.plugins.powershell.PowerShell" || Command(builder).StartsWith("#!/usr/bin/env -S pwsh", StringComparison.Ordinal);

    private static string Command(XElement builder) => builder.Element("command")?.Value ?? "";

    [GeneratedRegex(@"\$(?<name>[A-Z_]+)")]
    private static partial Regex Variable();
}
