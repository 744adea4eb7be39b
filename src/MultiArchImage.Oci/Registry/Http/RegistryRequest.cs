namespace MultiArchImage.Oci.Registry.Http;

/// <summary>What the links of the chain know of a request besides its HTTP.</summary>
/// <param name="Registry">Host and port, as in references.</param>
/// <param name="Repository">The repository; null for the registry itself.</param>
/// <param name="Scopes">What a token must allow, in the words of Docker's token specification: <c>repository:NAME:pull,push</c>.</param>
internal sealed record RegistryRequest(string Registry, string? Repository, IReadOnlyList<string> Scopes)
{
    /// <summary>Whether it may not be sent a second time: part of its body may have arrived.</summary>
    public bool IsOnce { get; init; }

    /// <summary>The document that a 200 brings; null where the answer has none, or one that is streamed.</summary>
    public ExpectedDocument? Document { get; init; }

    /// <summary>Whether it asks if a login is right: with a new token, and an identity token besides where the server has one.</summary>
    public bool IsLogin { get; init; }

    private static readonly HttpRequestOptionsKey<RegistryRequest> Key = new("MultiArchImage.RegistryRequest");

    public static RegistryRequest Of(HttpRequestMessage request) => request.Options.TryGetValue(Key, out var found)
        ? found
        : throw new InvalidOperationException("The request did not come from a registry client.");

    public HttpRequestMessage Message(HttpMethod method, Uri uri)
    {
        var message = new HttpRequestMessage(method, uri) { Version = System.Net.HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        message.Options.Set(Key, this);
        return message;
    }
}
