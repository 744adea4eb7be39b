namespace MultiArchImage.Oci.Registry.Mirrors;

/// <summary>The mirrors that this machine's settings name, each registry's in the order they are asked.</summary>
/// <param name="Mirrors">All of them.</param>
public sealed record MirrorList(IReadOnlyList<RegistryMirror> Mirrors)
{
    /// <summary>None.</summary>
    public static MirrorList Empty { get; } = new([]);

    /// <summary>The mirrors of a repository and what it is called there: those of the longest prefix.</summary>
    public IEnumerable<(RegistryMirror Mirror, string Repository)> Of(string registry, string repository)
    {
        var found = Mirrors.Select(mirror => (Mirror: mirror, Repository: mirror.Find(registry, repository))).Where(pair => pair.Repository is not null).ToList();
        var longest = found.Select(pair => pair.Mirror.Prefix.Length).DefaultIfEmpty().Max();
        return found.Where(pair => pair.Mirror.Prefix.Length == longest).Select(pair => (pair.Mirror, pair.Repository!));
    }

    /// <summary>Whether a registry is a mirror that is spoken to over plain HTTP.</summary>
    public bool IsPlain(string registry) => Mirrors.Any(mirror => mirror.PlainHttp && mirror.Registry == registry);
}
