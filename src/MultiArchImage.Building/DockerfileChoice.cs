using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Building;

/// <summary>Which Dockerfile is for which platform.</summary>
public sealed class DockerfileChoice
{
    private readonly string? _template;
    private readonly IReadOnlyList<(Platform Platform, string File)> _files = [];

    /// <summary>One file for all, or one each where the name has <c>{arch}</c>: <c>Dockerfile.{arch}</c>.</summary>
    public DockerfileChoice(string template) => _template = template;

    /// <summary>A file for each platform.</summary>
    public DockerfileChoice(IReadOnlyList<(Platform Platform, string File)> files) => _files = files;

    /// <summary>The file for a platform.</summary>
    /// <exception cref="UnmatchedKeyException">None is given for it.</exception>
    public string For(Platform platform)
    {
        if (_template is not null)
            return _template.Replace(TagTemplate.Mark, Architectures.TagWord(platform), StringComparison.Ordinal);
        var found = _files.FirstOrDefault(file => file.Platform.IsSameMachineAs(platform)).File;
        return found ?? throw new UnmatchedKeyException("-Dockerfile", $"{platform}", "no Dockerfile is given for that platform") { Subject = $"{platform}" };
    }
}
