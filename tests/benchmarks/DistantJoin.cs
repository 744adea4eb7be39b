using System.Text;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.FatManifests;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Benchmarks;

/// <summary>Images of so many platforms in a repository, and a client at a distance that joins them.</summary>
internal sealed class DistantJoin
{
    private readonly ImageStores _stores;
    private readonly ImageReference _place;
    private readonly List<JoinSource> _sources;

    private DistantJoin(ImageStores stores, ImageReference place, int entries)
    {
        (_stores, _place) = (stores, place);
        _sources = [.. Enumerable.Range(0, entries).Select(number => new JoinSource(place.WithTag($"t{number}")))];
    }

    public static async Task<DistantJoin> PrepareAsync(string registry, string proxy, int entries)
    {
        var store = Stores().Open(ImageReference.Parse($"{registry}/many"));
        for (var number = 0; number < entries; number++)
        {
            var config = Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","variant":"v{{number + 10}}","os":"linux","rootfs":{"type":"layers","diff_ids":[]} }""");
            var image = ImageManifest.Create(new Descriptor(MediaTypes.OciConfig, Digest.Of(config), config.Length), []);
            await store.PutBlobAsync(image.Config, BlobSource.FromBytes(config), CancellationToken.None);
            await store.PutManifestAsync(image.Document, [$"t{number}"], CancellationToken.None);
        }
        return new DistantJoin(Stores(), ImageReference.Parse($"{proxy}/many"), entries);
    }

    /// <summary>Joins them under one name, and pushes that whether it changed or not.</summary>
    public async Task JoinAsync()
    {
        var request = new JoinRequest { Name = _place.WithTag("all"), Force = true };
        var planned = await new FatManifestPlanner(_stores, NullSink.Instance).PlanAsync(_sources, request, CancellationToken.None);
        await new FatManifestPublisher(NullSink.Instance, 16).PublishAsync(planned[0].Plan!, CancellationToken.None);
    }

    private static ImageStores Stores() => new(new RegistryClient(
        new RegistryOptions { ThrottleLimit = 256, WillPush = true }, new CredentialResolver(null, new CredentialEnvironment("/nonexistent/config.json")), NullSink.Instance));
}
