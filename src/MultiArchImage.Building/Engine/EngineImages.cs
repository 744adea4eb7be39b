using Docker.DotNet;
using Docker.DotNet.Models;
using MultiArchImage.Oci.Naming;
using Platform = MultiArchImage.Oci.Model.Platform;

namespace MultiArchImage.Building.Engine;

/// <summary>The images that an engine has (Docker Engine API: ImageList, ImageInspect, ImageTag, ImageDelete).</summary>
internal sealed class EngineImages(IDockerClient client)
{
    // The engine answers an inspect in milliseconds; more at once gain nothing.
    private const int InspectsAtOnce = 8;

    private readonly IDockerClient _client = client;

    /// <summary>What the engine knows of an image; null where it has none of this name or id.</summary>
    public async Task<ImageInspectResponse?> FindAsync(string nameOrId, CancellationToken cancel)
    {
        try
        {
            return await _client.Images.InspectImageAsync(nameOrId, cancel).ConfigureAwait(false);
        }
        catch (DockerImageNotFoundException)
        {
            return null;
        }
        catch (DockerApiException e)
        {
            throw new EngineErrorException($"inspect {nameOrId}", EngineFailure.MessageOf(e), e) { Subject = nameOrId };
        }
    }

    /// <summary>An image by its name.</summary>
    /// <exception cref="ManifestNotFoundException">The engine has none.</exception>
    public async Task<ArchImage> GetAsync(ImageReference reference, CancellationToken cancel) =>
        await FindAsync(NameOf(reference), cancel).ConfigureAwait(false) is { } image
            ? ToImage(reference, image)
            : throw new ManifestNotFoundException($"{reference}", "build or pull it first") { Subject = $"{reference}" };

    /// <summary>The images whose tags fit, sorted by reference.</summary>
    public async Task<IReadOnlyList<ArchImage>> ListAsync(ReferencePattern pattern, CancellationToken cancel)
    {
        var all = await _client.Images.ListImagesAsync(new ImagesListParameters(), cancel).ConfigureAwait(false);
        var wanted = all.SelectMany(image => Tags(image).Where(pattern.IsMatch).Select(reference => (Reference: reference, image.ID)))
            .OrderBy(tag => $"{tag.Reference}", StringComparer.Ordinal).ToList();
        using var throttle = new SemaphoreSlim(InspectsAtOnce);
        var found = await Task.WhenAll(wanted.Select(tag => InspectAsync(tag.Reference, tag.ID))).ConfigureAwait(false);
        // One that was removed meanwhile is null.
        return [.. found.OfType<ArchImage>()];

        async Task<ArchImage?> InspectAsync(ImageReference reference, string id)
        {
            await throttle.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                return await FindAsync(id, cancel).ConfigureAwait(false) is { } image ? ToImage(reference, image) : null;
            }
            finally
            {
                throttle.Release();
            }
        }
    }

    /// <summary>Gives an image a name.</summary>
    public Task TagAsync(string nameOrId, ImageReference name, CancellationToken cancel) => _client.Images.TagImageAsync(
        nameOrId, new ImageTagParameters { RepositoryName = $"{name.Place}", Tag = name.Tag ?? ImageReference.DefaultTag }, cancel);

    /// <summary>Takes a name away, and with the last name the image; with <paramref name="force"/> also where a stopped container uses it.</summary>
    /// <exception cref="ManifestNotFoundException">The engine has no such image.</exception>
    /// <exception cref="EngineErrorException">A container uses it.</exception>
    public async Task RemoveAsync(ImageReference reference, bool force, CancellationToken cancel)
    {
        try
        {
            await _client.Images.DeleteImageAsync(NameOf(reference), new ImageDeleteParameters { Force = force }, cancel).ConfigureAwait(false);
        }
        catch (DockerImageNotFoundException)
        {
            throw new ManifestNotFoundException($"{reference}") { Subject = $"{reference}" };
        }
        catch (DockerApiException e)
        {
            throw new EngineErrorException($"remove {reference}", EngineFailure.MessageOf(e), e) { Subject = $"{reference}" };
        }
    }

    /// <summary>The name by which the engine finds an image: it knows tags and digests, but not both in one.</summary>
    public static string NameOf(ImageReference reference) => $"{(reference.Digest is { } digest ? reference.Place.WithDigest(digest) : reference)}";

    /// <summary>The platform of an image.</summary>
    public static Platform PlatformOf(ImageInspectResponse image) => Platform.Create(image.Os, image.Architecture, image.Variant, image.OsVersion);

    /// <summary>An image under one of its names.</summary>
    public static ArchImage ToImage(ImageReference reference, ImageInspectResponse image)
    {
        var platform = PlatformOf(image);
        return new ArchImage
        {
            Reference = reference.ToString(),
            Registry = reference.Registry,
            Repository = reference.Repository,
            Tag = reference.Tag,
            Platform = platform.ToString(),
            Architecture = platform.Architecture,
            Digest = DigestIn(reference.Place, image),
            ImageId = image.ID,
            Size = image.Size,
            // The engine writes a zero time where the config has none.
            Created = image.Created is { Year: > 1 } created ? created.ToUniversalTime() : null,
            Labels = image.Config?.Labels?.ToDictionary() ?? [],
            Location = "Engine",
        };
    }

    // The digest that the image had at this repository when it was pushed there or pulled.
    private static string? DigestIn(ImageReference place, ImageInspectResponse image) => (image.RepoDigests ?? [])
        .Select(text => ImageReference.TryParse(text, out var known) && known.Place == place ? known.Digest?.ToString() : null)
        .FirstOrDefault(digest => digest is not null);

    // An image without a name has none, or <none>:<none>, which is no reference.
    private static IEnumerable<ImageReference> Tags(ImagesListResponse image) =>
        (image.RepoTags ?? []).Select(text => ImageReference.TryParse(text, out var reference) ? reference : null).OfType<ImageReference>();
}
