namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>A step that is ended in its midst.</summary>
/// <param name="Script">
/// What it does. <c>$env:SOURCE</c> is a registry that has the images in <c>team/app</c>, <c>$env:REGISTRY</c> and <c>$env:NAME</c> are where they go,
/// <c>oci:source</c> is a layout that has them, and <c>made</c> is a layout of its own.
/// </param>
/// <param name="Result">Where the work is when it is done: a place and its tags.</param>
/// <param name="Before">What is there before it; null for nothing.</param>
internal sealed record AbortedStep(string Script, string Result, string? Before = null)
{
    private const string Registry = "docker://$REGISTRY/$NAME";
    private const string Layout = "oci:made";

    /// <summary>The steps by name.</summary>
    public static IReadOnlyDictionary<string, AbortedStep> All { get; } = new Dictionary<string, AbortedStep>
    {
        ["build"] = new(
            "New-ArchImage $env:CONTEXT -Repository team/app -Tag '{arch}-1' -Output oci:made -Platform linux/amd64, linux/arm64 | New-FatManifest", $"{Layout} 1 amd64-1 arm64-1"),
        ["push"] = new("Get-ArchImage oci:source:* | Publish-ArchImage -Destination $env:REGISTRY/$env:NAME", $"{Registry} amd64-1 arm64-1"),
        ["copy to a registry"] = new("Copy-ArchImage $env:SOURCE/team/app:1 \"$env:REGISTRY/${env:NAME}:1\"", $"{Registry} 1"),
        ["copy to a layout"] = new("Copy-ArchImage $env:SOURCE/team/app:1 oci:made:1", $"{Layout} 1"),
        ["join"] = new(
            "New-FatManifest $env:SOURCE/team/app:amd64-1, $env:SOURCE/team/app:arm64-1 -Name \"$env:REGISTRY/${env:NAME}:1\"",
            $"{Registry} 1",
            "New-FatManifest $env:SOURCE/team/app:amd64-1 -Name \"$env:REGISTRY/${env:NAME}:1\""),
        ["update"] = new(
            "Update-FatManifest \"$env:REGISTRY/${env:NAME}:1\" $env:SOURCE/team/app:arm64-1",
            $"{Registry} 1",
            "New-FatManifest $env:SOURCE/team/app:amd64-1 -Name \"$env:REGISTRY/${env:NAME}:1\""),
    };
}
