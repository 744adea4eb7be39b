using Xunit;
using Xunit.v3;

namespace MultiArchImage.Testbed;

/// <summary>
/// The real parts that a test may need. <c>tests/run.sh</c> provides all of them, and fails where a test was skipped; a bare
/// <c>dotnet test</c> runs what is possible.
/// </summary>
public static class Requirements
{
    /// <summary>The endpoint of the Docker Engine that <c>tests/run.sh</c> started.</summary>
    public static string? DockerHost => Environment.GetEnvironmentVariable("MULTIARCHIMAGE_TEST_DOCKER_HOST");

    public static bool HasEngine => !string.IsNullOrEmpty(DockerHost);

    /// <summary>The folder with <c>busybox-amd64</c> and <c>busybox-arm64</c>, static, that <c>tests/testbed/busybox.sh</c> filled.</summary>
    public static string? Busybox => Environment.GetEnvironmentVariable("MULTIARCHIMAGE_TEST_BUSYBOX");

    public static bool HasBusybox => !string.IsNullOrEmpty(Busybox);

    public static bool HasRegistry => Tool.Exists("docker-registry");

    public static bool HasEngineAndRegistry => HasEngine && HasBusybox && HasRegistry;

    public static bool HasSkopeo => Tool.Exists("skopeo");

    /// <summary>The folder with <c>crane</c>, <c>docker</c>, <c>docker-buildx</c> and <c>oras</c> that <c>tests/testbed/peers.sh</c> filled.</summary>
    public static string? Peers => Environment.GetEnvironmentVariable("MULTIARCHIMAGE_TEST_PEERS");

    public static bool HasPeers => !string.IsNullOrEmpty(Peers) && Tool.Exists("podman") && HasSkopeo && HasRegistry;

    /// <summary>Whether this machine has what a test needs.</summary>
    public static bool Has(Part part) => part switch
    {
        Part.Engine => HasEngineAndRegistry,
        Part.Peers => HasPeers,
        Part.Registry => HasRegistry,
        Part.Git => Tool.Exists(OperatingSystem.IsWindows() ? "git.exe" : "git"),
        Part.UnixFiles or Part.UnixProcesses => !OperatingSystem.IsWindows(),
        Part.Windows => OperatingSystem.IsWindows(),
        _ => true,
    };
}

/// <summary>A fact that needs the other programs for fat manifests, and the registry.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerFactAttribute : FactAttribute, ITraitAttribute
{
    public PeerFactAttribute()
    {
        SkipType = typeof(Requirements);
        SkipUnless = nameof(Requirements.HasPeers);
        Skip = "needs docker, podman, skopeo, crane, oras, docker-buildx and docker-registry; tests/run.sh provides them";
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => NeedsAttribute.TraitsOf(Part.Peers);
}

/// <summary>A theory that needs the other programs for fat manifests, and the registry.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PeerTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public PeerTheoryAttribute()
    {
        SkipType = typeof(Requirements);
        SkipUnless = nameof(Requirements.HasPeers);
        Skip = "needs docker, podman, skopeo, crane, oras, docker-buildx and docker-registry; tests/run.sh provides them";
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => NeedsAttribute.TraitsOf(Part.Peers);
}

/// <summary>A fact that needs the Docker Engine, content for its images, and the registry.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EngineFactAttribute : FactAttribute, ITraitAttribute
{
    public EngineFactAttribute()
    {
        SkipType = typeof(Requirements);
        SkipUnless = nameof(Requirements.HasEngineAndRegistry);
        Skip = "needs a Docker Engine, busybox and docker-registry; tests/run.sh provides them";
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => NeedsAttribute.TraitsOf(Part.Engine);
}

/// <summary>A theory that needs the Docker Engine, content for its images, and the registry.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class EngineTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public EngineTheoryAttribute()
    {
        SkipType = typeof(Requirements);
        SkipUnless = nameof(Requirements.HasEngineAndRegistry);
        Skip = "needs a Docker Engine, busybox and docker-registry; tests/run.sh provides them";
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => NeedsAttribute.TraitsOf(Part.Engine);
}

/// <summary>A fact that needs <c>docker-registry</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RegistryFactAttribute : FactAttribute, ITraitAttribute
{
    public RegistryFactAttribute()
    {
        SkipType = typeof(Requirements);
        SkipUnless = nameof(Requirements.HasRegistry);
        Skip = "needs docker-registry; tests/run.sh installs it";
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => NeedsAttribute.TraitsOf(Part.Registry);
}

/// <summary>A theory that needs <c>docker-registry</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RegistryTheoryAttribute : TheoryAttribute, ITraitAttribute
{
    public RegistryTheoryAttribute()
    {
        SkipType = typeof(Requirements);
        SkipUnless = nameof(Requirements.HasRegistry);
        Skip = "needs docker-registry; tests/run.sh installs it";
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => NeedsAttribute.TraitsOf(Part.Registry);
}

/// <summary>A fact that needs <c>skopeo</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SkopeoFactAttribute : FactAttribute, ITraitAttribute
{
    public SkopeoFactAttribute()
    {
        SkipType = typeof(Requirements);
        SkipUnless = nameof(Requirements.HasSkopeo);
        Skip = "needs skopeo; tests/run.sh installs it";
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => NeedsAttribute.TraitsOf(Part.Peers);
}
