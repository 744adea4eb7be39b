using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>
/// Keeps what registries say of how many manifests may still be read: <c>RateLimit-Limit: 100;w=21600</c> and
/// <c>RateLimit-Remaining: 76;w=21600</c>, with the window in seconds, as Docker Hub answers each request for a manifest.
/// </summary>
internal sealed class PullCountHandler(ConcurrentDictionary<string, PullAllowance> allowances) : DelegatingHandler
{
    private const string LimitHeader = "RateLimit-Limit";
    private const string RemainingHeader = "RateLimit-Remaining";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (Read(response.Headers, RemainingHeader) is var (remaining, window))
            allowances[RegistryRequest.Of(request).Registry] = new PullAllowance(remaining, Read(response.Headers, LimitHeader)?.Count, window);
        return response;
    }

    private static (int Count, TimeSpan? Window)? Read(HttpResponseHeaders headers, string name)
    {
        var parts = headers.TryGetValues(name, out var values) ? values.First().Split(';', StringSplitOptions.TrimEntries) : [];
        return parts.Length > 0 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? (count, Window(parts.Skip(1)))
            : null;
    }

    private static TimeSpan? Window(IEnumerable<string> parameters) =>
        parameters.FirstOrDefault(parameter => parameter.StartsWith("w=", StringComparison.Ordinal)) is { } window
        && int.TryParse(window.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
