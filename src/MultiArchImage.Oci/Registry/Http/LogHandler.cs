using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using MultiArchImage.Oci.Activity;

namespace MultiArchImage.Oci.Registry.Http;

/// <summary>Tells each request that goes over the wire: a line with status and time, its headers for <c>-Debug</c>, and never a secret.</summary>
internal sealed class LogHandler(IActivitySink sink) : DelegatingHandler
{
    private static readonly HashSet<string> Secret = new(StringComparer.OrdinalIgnoreCase) { "Authorization", "Cookie", "Set-Cookie", "Proxy-Authorization" };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Queries hold signatures of redirected blobs and sessions of uploads; scheme, host and path say enough.
        var what = $"{request.Method} {request.RequestUri!.GetLeftPart(UriPartial.Path)}";
        sink.Debug($"{what}{Headers(request.Headers)}");
        var start = Stopwatch.GetTimestamp();
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            sink.Verbose(string.Create(
                CultureInfo.InvariantCulture, $"{what} {(int)response.StatusCode} in {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms"));
            sink.Debug($"{(int)response.StatusCode}{Headers(response.Headers)}");
            return response;
        }
        catch (HttpRequestException e)
        {
            sink.Verbose($"{what} failed: {e.Message}");
            throw;
        }
    }

    private static string Headers(HttpHeaders headers) => string.Concat(headers.Select(
        header => $"{Environment.NewLine}  {header.Key}: {(Secret.Contains(header.Key) ? "***" : Value(header))}"));

    private static string Value(KeyValuePair<string, IEnumerable<string>> header) =>
        string.Join(", ", header.Key == "Location" ? header.Value.Select(value => value.Split('?')[0]) : header.Value);
}
