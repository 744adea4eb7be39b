using System.Globalization;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Model;

/// <summary>What an image runs and on what: image-spec: Image Configuration.</summary>
public sealed class ImageConfig
{
    private ImageConfig(JObject json, Platform platform) => (Json, Platform) = (json, platform);

    /// <summary>The document.</summary>
    public JObject Json { get; }

    /// <summary>The machine that the image was built for.</summary>
    public Platform Platform { get; }

    /// <summary>When the image was made, in UTC; null where the document does not say.</summary>
    public DateTimeOffset? Created =>
        DateTimeOffset.TryParse(Json.Text("created"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : null;

    /// <summary>Labels of the image.</summary>
    public IReadOnlyDictionary<string, string> Labels => Run.Map("Labels");

    /// <summary>Environment, <c>NAME=value</c> each.</summary>
    public IReadOnlyList<string> Environment => Run.Texts("Env");

    /// <summary>The program that always runs.</summary>
    public IReadOnlyList<string> Entrypoint => Run.Texts("Entrypoint");

    /// <summary>Arguments, or the program where there is no entrypoint.</summary>
    public IReadOnlyList<string> Command => Run.Texts("Cmd");

    /// <summary>The user that the program runs as; null where it is not said.</summary>
    public string? User => Run.Text("User") is { Length: > 0 } user ? user : null;

    /// <summary>The folder that the program starts in; null where it is not said.</summary>
    public string? WorkingDirectory => Run.Text("WorkingDir") is { Length: > 0 } folder ? folder : null;

    /// <summary>Digests of the layers before compression, base first.</summary>
    public IReadOnlyList<string> DiffIds => (Json["rootfs"] as JObject)?.Texts("diff_ids") ?? [];

    private JObject Run => Json["config"] as JObject ?? [];

    /// <summary>Reads the bytes of a config blob.</summary>
    /// <exception cref="InvalidImageException">It is no JSON object, or says no platform.</exception>
    public static ImageConfig Parse(ReadOnlySpan<byte> bytes, string name)
    {
        var json = Model.Json.ParseObject(bytes, name);
        var platform = Platform.FromJson(json, name) ?? throw new InvalidImageException(name, "has a config that says no os and architecture");
        return new ImageConfig(json, platform);
    }
}
