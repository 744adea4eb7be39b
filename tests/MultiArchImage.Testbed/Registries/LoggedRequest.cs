namespace MultiArchImage.Testbed.Registries;

/// <summary>A request that a registry answered.</summary>
public sealed record LoggedRequest(string Method, string Path, int Status)
{
    /// <summary>Method, kind of thing and status, for counting: <c>PUT manifests 201</c>.</summary>
    public override string ToString() => $"{Method} {Path} {Status}";
}
