using System.Collections;
using System.Management.Automation;
using MultiArchImage.Building.Tagging;
using MultiArchImage.Cmdlets.Binding;
using MultiArchImage.Cmdlets.Completion;
using MultiArchImage.Cmdlets.Pipeline;

namespace MultiArchImage.Cmdlets.Commands;

/// <summary>
/// The tags of a build, by the methods of the Linux Foundation's jobs. What a job's environment says (STREAM, GERRIT_BRANCH, BRANCH_NAME, GIT_BRANCH,
/// GITHUB_REF, CONTAINER_TAG_YAML_DIR, DOCKER_ROOT) is taken where a parameter is left out.
/// </summary>
[Cmdlet(VerbsDiagnostic.Resolve, "ArchTag"), OutputType(typeof(string))]
public sealed class ResolveArchTagCommand : AsyncCmdlet
{
    private static readonly string[] BranchVariables = ["GERRIT_BRANCH", "BRANCH_NAME", "GIT_BRANCH", "GITHUB_REF"];
    private static readonly string[] FolderVariables = ["CONTAINER_TAG_YAML_DIR", "DOCKER_ROOT"];

    /// <summary>Where the tag comes from: Latest, Stream, GitDescribe, YamlFile, Branch; also as global-jjb writes it, git-describe and yaml-file.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [TagMethodInput]
    public TagMethod Method { get; set; }

    /// <summary>The folder of the Git repository or of container-tag.yaml; without it, the current one.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath", "LiteralPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The stream; without it, that of the environment variable STREAM.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Stream { get; set; }

    /// <summary>The branch or ref that is built. With -Method Stream, a stream that is the branch itself is latest.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Branch { get; set; }

    /// <summary>What branches become: @{ 'release/*' = '*' }; goes before master and main (latest), stable/* (stable), refs/tags/* (the tag).</summary>
    [Parameter]
    public Hashtable? Map { get; set; }

    /// <summary>The tags that are wanted, of {tag}, {stream}, {commit}, {date}, {date:yyyyMMdd} (UTC) and {arch}, which stays.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TagTextCompleter))]
    public string[] Template { get; set; } = ["{tag}"];

    private protected override void Accept() => Start(Method, Request, ResolveAsync);

    private TagRequest Request() => new(Method, SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path ?? DefaultFolder()))
    {
        Stream = Stream ?? Variable("STREAM"),
        Branch = Branch ?? (Method == TagMethod.Branch ? BranchVariables.Select(Variable).FirstOrDefault(value => value is not null) : null),
        Map = Map.ToStrings(),
        Templates = Template,
    };

    private async Task ResolveAsync(TagRequest request, CancellationToken cancel)
    {
        foreach (var tag in await new TagResolver().ResolveAsync(request, cancel).ConfigureAwait(false))
            await WriteAsync(tag).ConfigureAwait(false);
    }

    private string DefaultFolder() =>
        (Method == TagMethod.YamlFile ? FolderVariables.Select(Variable).FirstOrDefault(value => value is not null) : null) ?? ".";

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
