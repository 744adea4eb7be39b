using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Handoff;

/// <summary>
/// Images in a file, for the next job or another node: JSON with a schema version, UTF-8 without a byte order mark. The path of a layout beside the
/// file is written relative to it, so that both can be carried elsewhere together.
/// </summary>
public sealed class ImageFile
{
    /// <summary>The version of the schema that this module writes, and the newest that it reads.</summary>
    public const int SchemaVersion = 1;

    // Some hundred bytes an image; a thousand jobs' worth of them.
    private const int Limit = 16 * 1024 * 1024;

    private readonly string _path;
    private readonly string _folder;

    /// <param name="absolutePath">The file.</param>
    public ImageFile(string absolutePath) => (_path, _folder) = (absolutePath, Path.GetDirectoryName(absolutePath) ?? absolutePath);

    /// <summary>Whether a file that is there is left alone.</summary>
    public bool NoClobber { get; init; }

    /// <summary>Writes the images; the file appears whole, or stays as it was.</summary>
    /// <exception cref="FileExistsException">It is there, and was not to be replaced.</exception>
    public async Task WriteAsync(IReadOnlyList<ArchImage> images, CancellationToken cancel)
    {
        var json = new JObject { ["schemaVersion"] = SchemaVersion, ["images"] = new JArray(images.Select(image => ToJson(image))) };
        Directory.CreateDirectory(_folder);
        var temporary = Path.Combine(_folder, $".{Path.GetFileName(_path)}-{Guid.NewGuid():N}");
        try
        {
            await File.WriteAllTextAsync(temporary, $"{json}\n", cancel).ConfigureAwait(false);
            File.Move(temporary, _path, overwrite: !NoClobber);
        }
        catch (IOException e) when (NoClobber && File.Exists(_path))
        {
            throw new FileExistsException(_path, e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Reads the images.</summary>
    /// <exception cref="ImageFileNotFoundException">It is not there.</exception>
    /// <exception cref="InvalidImageFileException">It is no such file, or one of a newer schema.</exception>
    public async Task<IReadOnlyList<ArchImage>> ReadAsync(CancellationToken cancel)
    {
        const string remedy = "write it with Export-ArchImage";
        if (new FileInfo(_path) is not { Exists: true } file)
            throw new ImageFileNotFoundException(_path) { Subject = _path };
        if (file.Length > Limit)
            throw new InvalidImageFileException(_path, $"it has {file.Length} bytes; more than {Limit} are refused", remedy);
        try
        {
            var json = Json.ParseObject(await File.ReadAllBytesAsync(_path, cancel).ConfigureAwait(false), "it");
            RequireKnownSchema(json);
            return json["images"] is JArray images
                ? [.. images.Select(image => image as JObject ?? throw new InvalidImageException("an image", "is no object")).Select(FromJson)]
                : throw new InvalidImageFileException(_path, "it has no images field", remedy);
        }
        catch (Exception e) when (e is InvalidImageException or InvalidReferenceException)
        {
            throw new InvalidImageFileException(_path, e.Message, remedy, e);
        }
    }

    private void RequireKnownSchema(JObject json)
    {
        if (json["schemaVersion"] is not JValue { Type: JTokenType.Integer } version)
            throw new InvalidImageFileException(_path, "it has no schemaVersion", "write it with Export-ArchImage");
        if (version.Value<long>() is < 1 or > SchemaVersion)
            throw new InvalidImageFileException(_path, $"it is of schema version {version}, and this module reads up to {SchemaVersion}", "update the module on this node");
    }

    private JObject ToJson(ArchImage image)
    {
        var json = JObject.FromObject(image);
        json[nameof(ArchImage.Reference)] = $"{ImageReference.Parse(image.Reference).MapPath(Relative)}";
        return json;
    }

    private ArchImage FromJson(JObject json)
    {
        var properties = json.Properties().ToDictionary(property => property.Name, property => property.Value switch
        {
            JObject map => map.Properties().ToDictionary(entry => entry.Name, entry => $"{entry.Value}"),
            JValue value => value.Value,
            var other => (object?)other.ToString(),
        });
        var image = new ArchImage(properties);
        return image with { Reference = $"{ImageReference.Parse(image.Reference).MapPath(path => Path.GetFullPath(path, _folder))}" };
    }

    // Written with slashes, which both kinds of system read.
    private string Relative(string path) =>
        Path.GetRelativePath(_folder, path) is var relative && !relative.StartsWith("..", StringComparison.Ordinal) && !Path.IsPathRooted(relative)
            ? relative.Replace('\\', '/')
            : path;
}
