namespace MultiArchImage.Oci.Registry;

/// <summary>The way from one page of a list to the next (RFC 5988: <c>Link: &lt;url&gt;; rel="next"</c>).</summary>
internal static class PageLink
{
    /// <summary>The next page; null where there is none. A link to another host would take the credentials there, and is none.</summary>
    public static Uri? Next(HttpResponseMessage response, Uri page)
    {
        if (!response.Headers.TryGetValues("Link", out var links) || links.FirstOrDefault(link => link.Contains("next", StringComparison.Ordinal)) is not { } link)
            return null;
        var (start, end) = (link.IndexOf('<'), link.IndexOf('>'));
        return start >= 0 && end > start && Uri.TryCreate(page, link[(start + 1)..end], out var next) && next.Authority == page.Authority ? next : null;
    }
}
