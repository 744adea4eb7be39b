namespace MultiArchImage.Oci.Registry.Mirrors;

/// <summary>Another place where what a registry has can be read.</summary>
/// <param name="Prefix">Of what: a registry, <c>registry.example.com</c>, or a namespace of one, <c>registry.example.com/team</c>.</param>
/// <param name="Registry">Host and port of the mirror.</param>
/// <param name="Namespace">The path that stands there for the prefix; empty for none.</param>
public sealed record RegistryMirror(string Prefix, string Registry, string Namespace = "")
{
    /// <summary>Whether it is spoken to over plain HTTP.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Whether it is asked for tags.</summary>
    public bool HasTags { get; init; } = true;

    /// <summary>Whether it is asked for digests.</summary>
    public bool HasDigests { get; init; } = true;

    /// <summary>The repository of the mirror that stands for one; null where the mirror is not for it.</summary>
    /// <param name="registry">Host and port of the registry.</param>
    /// <param name="repository">Its repository.</param>
    public string? Find(string registry, string repository)
    {
        var name = $"{registry}/{repository}";
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || (name.Length > Prefix.Length && name[Prefix.Length] != '/'))
            return null;
        var rest = name[Prefix.Length..].TrimStart('/');
        return string.Join('/', new[] { Namespace, rest }.Where(part => part.Length > 0));
    }
}
