using System.ComponentModel;
using MultiArchImage.Building.Git;
using MultiArchImage.Oci.Naming;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MultiArchImage.Building.Tagging;

/// <summary>Makes tags by the methods of the Linux Foundation's jobs (global-jjb: <c>docker-get-container-tag.sh</c>), without yq and shell.</summary>
/// <param name="time">The clock of <c>{date}</c>; null for the system's.</param>
public sealed class TagResolver(TimeProvider? time = null)
{
    private const string YamlName = "container-tag.yaml";

    // One line with a version; more is another file by mistake.
    private const int YamlLimit = 64 * 1024;

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>The tags, in the order of the templates, each once.</summary>
    /// <exception cref="TagUnresolvedException">The method does not come to one, or it is no tag.</exception>
    public async Task<IReadOnlyList<string>> ResolveAsync(TagRequest request, CancellationToken cancel)
    {
        var names = request.Templates.SelectMany(TagTemplateText.Names).ToHashSet(StringComparer.Ordinal);
        var tag = names.Contains("tag") ? await TagAsync(request, cancel).ConfigureAwait(false) : "";
        var commit = names.Contains("commit") ? await GitAsync(request, ["rev-parse", "--short=12", "HEAD"], cancel).ConfigureAwait(false) : "";
        var now = _time.GetUtcNow();
        return [.. request.Templates.Select(template => Checked(request, TagTemplateText.Fill(template, Value, now))).Distinct(StringComparer.Ordinal)];

        string Value(string name) => name switch
        {
            "tag" => tag,
            "commit" => commit,
            _ => Stream(request),
        };
    }

    private static Task<string> TagAsync(TagRequest request, CancellationToken cancel) => request.Method switch
    {
        TagMethod.Latest => Task.FromResult(ImageReference.DefaultTag),
        // Akraino's jobs: the stream of the branch itself is the newest there is.
        TagMethod.Stream => Task.FromResult(request.Branch is not null && request.Branch == request.Stream ? ImageReference.DefaultTag : Stream(request)),
        TagMethod.GitDescribe => GitAsync(request, ["describe"], cancel),
        TagMethod.YamlFile => YamlAsync(request, cancel),
        _ => Task.FromResult(Branch(request)),
    };

    private static string Stream(TagRequest request) => request.Stream
        ?? throw Unresolved(request, "no stream is known", "give -Stream, or set the environment variable STREAM");

    private static string Branch(TagRequest request)
    {
        var branch = request.Branch
            ?? throw Unresolved(request, "no branch is known", "give -Branch, or set GERRIT_BRANCH, BRANCH_NAME, GIT_BRANCH or GITHUB_REF");
        return BranchRules.TagOf(branch, request.Map)
            ?? throw Unresolved(request, $"no rule says what '{branch}' becomes", $"give -Map @{{ '{branch}' = 'a-tag' }}; * stands for any text on both sides");
    }

    private static async Task<string> GitAsync(TagRequest request, string[] arguments, CancellationToken cancel)
    {
        try
        {
            var result = await GitProgram.RunAsync(request.Folder, arguments, cancel).ConfigureAwait(false);
            return result.Succeeded
                ? result.Output.Trim()
                : throw Unresolved(request, $"git {string.Join(' ', arguments)} says: {result.Error.TrimEnd('.')}", Advice(result.Error));
        }
        catch (Win32Exception e)
        {
            throw Unresolved(request, $"git cannot be started in {request.Folder}: {e.Message}", "install git, and check -Path");
        }
    }

    private static string Advice(string error) => error.Contains("No names found", StringComparison.Ordinal) || error.Contains("annotated", StringComparison.Ordinal)
        ? "make an annotated tag (git tag -a), and fetch tags and history into the job's clone (git fetch --tags --unshallow)"
        : "check that -Path is in a Git repository";

    private static async Task<string> YamlAsync(TagRequest request, CancellationToken cancel)
    {
        var file = Path.Combine(request.Folder, YamlName);
        if (new FileInfo(file) is not { Exists: true } found)
            throw Unresolved(request, $"there is no {file}", $"write the file with a line 'tag: 1.0', or give the folder that has {YamlName} with -Path");
        if (found.Length > YamlLimit)
            throw Unresolved(request, $"{file} has {found.Length} bytes; more than {YamlLimit} are refused", "check -Path");
        return TagOf(await File.ReadAllTextAsync(file, cancel).ConfigureAwait(false))
            ?? throw Unresolved(request, $"{file} has no value for 'tag'", "write a line 'tag: 1.0' in it");
    }

    private static string? TagOf(string yaml)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            return stream.Documents is [{ RootNode: YamlMappingNode map }, ..]
                && map.Children.TryGetValue(new YamlScalarNode("tag"), out var value) && value is YamlScalarNode { Value.Length: > 0 } scalar && !IsNull(scalar)
                    ? scalar.Value
                    : null;
        }
        catch (YamlException e)
        {
            throw new TagUnresolvedException(YamlName, $"line {e.Start.Line} is not YAML: {e.Message}", "write a line 'tag: 1.0' in it");
        }
    }

    // YAML 1.2.2: 10.3.2 Tag Resolution; in quotes it is text.
    private static bool IsNull(YamlScalarNode scalar) => scalar.Style == ScalarStyle.Plain && scalar.Value is "null" or "Null" or "NULL" or "~";

    private static string Checked(TagRequest request, string tag) => ImageReference.IsTag(tag.Replace(TagTemplate.Mark, "arch", StringComparison.Ordinal))
        ? tag
        : throw Unresolved(request, $"it comes to '{tag}', which is no tag", "tags have letters, digits, '_', '.' and '-', at most 128, and not '.' or '-' first");

    private static TagUnresolvedException Unresolved(TagRequest request, string reason, string remedy) => new($"{request.Method}", reason, remedy);
}
