namespace MultiArchImage;

/// <summary>A registry, and who one is there.</summary>
public sealed record ArchRegistry
{
    /// <summary>Host and port, <c>docker.io</c> for Docker Hub.</summary>
    public string Registry { get; init; } = "";

    /// <summary>Where a registry that this process serves answers, <c>http://127.0.0.1:5000/</c>, for other programs; null for every other.</summary>
    public Uri? Uri { get; init; }

    /// <summary>The user that is logged in; null for nobody.</summary>
    public string? UserName { get; init; }

    /// <summary>Where the login is kept: a file, a credential helper, <c>Session</c>; null for nowhere.</summary>
    public string? StoredIn { get; init; }

    /// <summary>The folder of a registry that this process serves; null for every other.</summary>
    public string? Path { get; init; }

    /// <summary>The registry.</summary>
    public override string ToString() => Registry;
}
