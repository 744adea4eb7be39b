using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Building;

/// <summary>One image to build: one Dockerfile for one platform.</summary>
public sealed record BuildRequest
{
    /// <summary>The name that the image gets.</summary>
    public required ImageReference Reference { get; init; }

    /// <summary>The platform that it is built for.</summary>
    public required Platform Platform { get; init; }

    /// <summary>The Dockerfile, relative to the context or absolute.</summary>
    public string Dockerfile { get; init; } = "Dockerfile";

    /// <summary>Values of <c>ARG</c>.</summary>
    public IReadOnlyDictionary<string, string> BuildArguments { get; init; } = new Dictionary<string, string>();

    /// <summary>Labels in addition to those of the Dockerfile.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The stage to build; null for the last.</summary>
    public string? Target { get; init; }

    /// <summary>Whether every step runs anew.</summary>
    public bool NoCache { get; init; }

    /// <summary>Whether base images are asked for anew at their registry.</summary>
    public bool Pull { get; init; }

    /// <summary>Images of one command may not take each other's name; in a layout the name is the tag alone.</summary>
    /// <exception cref="InvalidReferenceException">Two have the same.</exception>
    public static void RequireNamesOfTheirOwn(IReadOnlyList<BuildRequest> requests, bool isLayout)
    {
        var shared = requests.GroupBy(request => isLayout ? request.Reference.Tag! : $"{request.Reference}").FirstOrDefault(same => same.Count() > 1);
        if (shared is not null)
        {
            throw new InvalidReferenceException(
                shared.Key, $"it would be the name of the images for {string.Join(" and ", shared.Select(request => request.Platform))}",
                isLayout ? "put {arch} into -Tag, or build each platform into a layout of its own" : "put {arch} into -Tag or -Repository");
        }
    }
}
