using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Tests.Stores;

/// <summary>Reads what a store gives out as a stream.</summary>
internal static class StoreReading
{
    public static async Task<List<string>> TagsAsync(this IImageStore store)
    {
        var tags = new List<string>();
        await foreach (var tag in store.ListTagsAsync(CancellationToken.None))
            tags.Add(tag);
        return tags;
    }

    public static async Task<List<NamedImage>> NamesAsync(this IIntendedNames store)
    {
        var names = new List<NamedImage>();
        await foreach (var name in store.ListNamedAsync(CancellationToken.None))
            names.Add(name);
        return names;
    }

    public static async Task<byte[]> ReadAsync(this IImageStore store, Descriptor blob)
    {
        await using var stream = await store.OpenBlobAsync(blob, CancellationToken.None);
        using var content = new MemoryStream();
        await stream.CopyToAsync(content, CancellationToken.None);
        return content.ToArray();
    }
}
