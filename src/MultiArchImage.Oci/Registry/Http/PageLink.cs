namespace MultiArchImage.Oci.Registry.Http;

/// <summary>Where the next page of a list is.</summary>
internal static class PageLink
{
    /// <summary>
    /// The target of <c>Link: &lt;url&gt;; rel="next"</c> (RFC 8288); null where there is none, or where it is on another host, which would take the
    /// credentials there.
    /// </summary>
    public static Uri? Next(HttpResponseMessage response, Uri page)
    {
        if (!response.Headers.TryGetValues("Link", out var links) || links.FirstOrDefault(link => link.Contains("next", StringComparison.Ordinal)) is not { } link)
            return null;
        var (start, end) = (link.IndexOf('<'), link.IndexOf('>'));
        return start >= 0 && end > start && Uri.TryCreate(page, link[(start + 1)..end], out var next) && next.Authority == page.Authority ? next : null;
    }
}
