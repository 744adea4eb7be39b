using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage;

/// <summary>What an image of a fat manifest runs, and on what. Flat, so that it survives JSON at PowerShell's default depth.</summary>
public sealed record FatManifestConfig
{
    /// <summary>The fat manifest.</summary>
    public string Reference { get; init; } = "";

    /// <summary><c>os/arch[/variant]</c>, of the entry; of the config where the entry says none.</summary>
    public string Platform { get; init; } = "";

    /// <summary>The digest of the image's manifest.</summary>
    public string Digest { get; init; } = "";

    /// <summary>When the image was made, in UTC; null where it does not say.</summary>
    public DateTime? Created { get; init; }

    /// <summary>The program that always runs.</summary>
    public IReadOnlyList<string> Entrypoint { get; init => field = value.ToArray(); } = [];

    /// <summary>Arguments, or the program where there is no entrypoint.</summary>
    public IReadOnlyList<string> Command { get; init => field = value.ToArray(); } = [];

    /// <summary><c>NAME=value</c> each.</summary>
    public IReadOnlyList<string> Environment { get; init => field = value.ToArray(); } = [];

    /// <summary>Labels of the image.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The user that the program runs as; null where that is root.</summary>
    public string? User { get; init; }

    /// <summary>The folder that the program starts in; null where that is the root.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The digests of the layers as they are pulled, base first.</summary>
    public IReadOnlyList<string> Layers { get; init => field = value.ToArray(); } = [];

    /// <summary>Bytes of config and layers as they are pulled.</summary>
    public long Size { get; init; }

    /// <summary>The object of an image of the fat manifest under a name.</summary>
    internal static FatManifestConfig Of(ImageReference reference, Oci.Model.Platform? stated, ImageManifest image, ImageConfig config) => new()
    {
        Reference = reference.ToString(),
        Platform = (stated ?? config.Platform).ToString(),
        Digest = image.Document.Digest.ToString(),
        Created = config.Created?.UtcDateTime,
        Entrypoint = config.Entrypoint,
        Command = config.Command,
        Environment = config.Environment,
        Labels = config.Labels,
        User = config.User,
        WorkingDirectory = config.WorkingDirectory,
        Layers = [.. image.Layers.Select(layer => layer.Digest.ToString())],
        Size = image.ContentSize,
    };

    /// <inheritdoc/>
    public bool Equals(FatManifestConfig? other) =>
        other is not null && Scalars(this).Equals(Scalars(other))
        && Entrypoint.SequenceEqual(other.Entrypoint) && Command.SequenceEqual(other.Command) && Environment.SequenceEqual(other.Environment)
        && Layers.SequenceEqual(other.Layers) && ValueEquality.Same(Labels, other.Labels);

    /// <inheritdoc/>
    public override int GetHashCode() => Scalars(this).GetHashCode();

    /// <summary>The reference and the platform.</summary>
    public override string ToString() => $"{Reference} ({Platform})";

    private static object Scalars(FatManifestConfig config) => (
        config.Reference, config.Platform, config.Digest, config.Created, config.User, config.WorkingDirectory, config.Size);
}
