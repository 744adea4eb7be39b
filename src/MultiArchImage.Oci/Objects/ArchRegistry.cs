namespace MultiArchImage;

/// <summary>A registry, and who one is there.</summary>
public sealed record ArchRegistry
{
    /// <summary>Host and port, <c>docker.io</c> for Docker Hub.</summary>
    public string Registry { get; init; } = "";

    /// <summary>Where its API answers, or of a registry that this process serves what other programs call it, <c>http://127.0.0.1:5000/</c>; null where nobody asked.</summary>
    public Uri? Uri { get; init; }

    /// <summary>The user that is logged in; null for nobody.</summary>
    public string? UserName { get; init; }

    /// <summary>Where the login is kept: a file, a variable of the environment, a credential helper, <c>Session</c>; null for nowhere.</summary>
    public string? StoredIn { get; init; }

    /// <summary>Whether it answers; null where it was not asked.</summary>
    public bool? IsReachable { get; init; }

    /// <summary>Whether it lets this user in, or anybody where there is none; null where it was not asked, or does not answer.</summary>
    public bool? IsAuthorized { get; init; }

    /// <summary>The API that it says it has (<c>Docker-Distribution-Api-Version</c>), <c>registry/2.0</c>; null where it says none.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>How many manifests may be pulled in a whole <see cref="PullWindow"/>; null where the registry does not count.</summary>
    public int? PullLimit { get; init; }

    /// <summary>How many of them are left; null where the registry does not count.</summary>
    public int? PullsLeft { get; init; }

    /// <summary>The time that <see cref="PullLimit"/> is for; null where the registry does not say.</summary>
    public TimeSpan? PullWindow { get; init; }

    /// <summary>What keeps it from being used, and what to do about that; null for nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>The folder of a registry that this process serves; null for every other.</summary>
    public string? Path { get; init; }

    /// <summary>The registry.</summary>
    public override string ToString() => Registry;
}
