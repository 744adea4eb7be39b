using System.Collections.Specialized;
using System.Globalization;
using System.Net;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Serving;

/// <summary>A request, as far as the protocol goes.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path as it was sent, without the query.</param>
/// <param name="Query">The parameters of the query, decoded.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">The body; one that breaks off throws <see cref="IOException"/>.</param>
/// <param name="Length">The bytes of the body; null where its end is not known beforehand.</param>
internal sealed record RegistryCall(string Method, string Path, NameValueCollection Query, NameValueCollection Headers, Stream Body, long? Length)
{
    private Route? _route;

    /// <summary>What the path is about.</summary>
    /// <exception cref="RefusedException">It names a repository that cannot be.</exception>
    public Route Route => _route ??= Route.Parse(Path);

    /// <summary>The path of the repository's part of the API.</summary>
    public string RepositoryPath => $"/v2/{Route.Repository}";

    /// <summary>Whether the answer has no body.</summary>
    public bool IsRead => Method is "GET" or "HEAD";

    /// <summary>Reads a digest that a path or a query names.</summary>
    /// <exception cref="RefusedException">It is none.</exception>
    public static Digest DigestOf(string? text) => Digest.TryParse(text, out var digest)
        ? digest
        : throw RefusedException.DigestInvalid($"'{text}' is no sha256 or sha512 digest");

    /// <summary>The page that a list is asked for: <c>n</c> names, from the one after <c>last</c> on (distribution-spec: Listing Tags).</summary>
    /// <exception cref="RefusedException"><c>n</c> is no number.</exception>
    public Page Page() => Query["n"] switch
    {
        null => new Page(null, Query["last"]),
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) => new Page(count, Query["last"]),
        var text => throw RefusedException.Unsupported(HttpStatusCode.BadRequest, $"n={text} is no number of results"),
    };

    /// <summary>The answer to a method that the path does not have.</summary>
    public RefusedException NoSuchMethod() =>
        RefusedException.Unsupported(HttpStatusCode.MethodNotAllowed, $"{Method} is not for this path");
}
