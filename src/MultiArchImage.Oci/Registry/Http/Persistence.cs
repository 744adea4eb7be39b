using System.Globalization;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>How often a request was tried in vain, for the failure that ends it.</summary>
/// <param name="Tries">All tries.</param>
/// <param name="Waited">The sum of the waits between them.</param>
internal sealed record Persistence(int Tries, TimeSpan Waited)
{
    private static readonly HttpRequestOptionsKey<Persistence> Key = new("MultiArchImage.Persistence");

    /// <summary>Puts it down at the request.</summary>
    public void Note(HttpRequestMessage request) => request.Options.Set(Key, this);

    /// <summary>What a failure of a request says of it; nothing where it was tried once.</summary>
    public static string Of(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var noted) ? $"{noted}" : "";

    /// <summary>A clause in brackets, with a space before it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $" ({Tries} tries, {Waited.TotalSeconds:0.#} s between them in all)");
}
