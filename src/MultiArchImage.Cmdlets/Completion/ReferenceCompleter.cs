using System.Collections;
using System.Management.Automation;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>
/// Offers names of images: paths after <c>oci:</c> and its like, the tags of a repository, layout or archive that is written out with its colon, and
/// what the engine has.
/// </summary>
public class ReferenceCompleter : Completer
{
    private protected sealed override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel)
    {
        var scheme = FilePaths.SchemeOf(word);
        // Both are asked at the same time, and each may fail alone.
        var local = scheme.Length > 0 ? null : Task.Run(() => Wait(() => EngineNames.ListAsync(bound["DockerHost"] as string, cancel), cancel), CancellationToken.None);
        var tags = Continue(word, ListTags(word, scheme, LanguagePrimitives.IsTrue(bound["PlainHttp"]), cancel));
        return local is null ? tags.Concat(FilePaths.Find(word, scheme)) : tags.Concat(Continue(word, local.GetAwaiter().GetResult()));
    }

    /// <summary>What a tag becomes.</summary>
    private protected virtual string? Shape(string tag) => tag;

    private IEnumerable<string> ListTags(string word, string scheme, bool plainHttp, CancellationToken cancel)
    {
        var colon = word.LastIndexOf(':');
        if (colon < scheme.Length || colon < word.LastIndexOfAny(['/', '\\']) || !ImageReference.TryParse(word[..colon], out var written))
            return [];
        var place = written.MapPath(FilePaths.ToFull);
        return Wait(() => TagMemory.ListAsync(place, plainHttp, cancel), cancel).Select(Shape).OfType<string>().Select(tag => word[..(colon + 1)] + tag);
    }

    private static IEnumerable<string> Continue(string word, IEnumerable<string> names) => names.Where(name => name.StartsWith(word, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Offers templates that tags of a repository fit: <c>k8s-{arch}-latest</c> where there is <c>k8s-arm64-latest</c>.</summary>
public sealed class TemplateCompleter : ReferenceCompleter
{
    private protected override string? Shape(string tag) => ArchitectureMark.ToTemplate(tag);
}
