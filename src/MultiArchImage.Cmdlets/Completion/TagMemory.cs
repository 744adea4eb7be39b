using System.Collections.Concurrent;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Registry;
using MultiArchImage.Oci.Registry.Auth;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>The tags of places that were asked for a moment ago: who presses Tab presses it again.</summary>
internal static class TagMemory
{
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(30);

    private static readonly ConcurrentDictionary<string, (DateTime Until, IReadOnlyList<string> Tags)> Known = new(StringComparer.Ordinal);

    /// <summary>The tags of a repository, layout or archive.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(ImageReference place, bool plainHttp, CancellationToken cancel)
    {
        if (Known.TryGetValue(place.FullName, out var known) && known.Until > DateTime.UtcNow)
            return known.Tags;
        using var stores = new ImageStores(new RegistryClient(
            new RegistryOptions { PlainHttp = plainHttp, MaximumRetryCount = 0 }, new CredentialResolver(null), NullSink.Instance));
        var tags = new List<string>();
        await foreach (var tag in stores.Open(place).ListTagsAsync(cancel).ConfigureAwait(false))
            tags.Add(tag);
        tags.Sort(StringComparer.Ordinal);
        // A file is read in no time, and its tags are those of now.
        if (!place.IsFile)
            Known[place.FullName] = (DateTime.UtcNow + Span, tags);
        return tags;
    }
}
