namespace MultiArchImage.Oci.Registry.Http;

/// <summary>Reads bodies that must be held whole, with a limit.</summary>
internal static class BoundedContent
{
    /// <summary>The body.</summary>
    /// <exception cref="InvalidImageException">It is longer than <paramref name="limit"/>.</exception>
    public static async Task<byte[]> ReadAsync(HttpContent content, int limit, string what, CancellationToken cancel)
    {
        if (content.Headers.ContentLength > limit)
            throw TooLong(what, limit);
        var stream = await content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var body = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int count; (count = await stream.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
            {
                if (body.Length + count > limit)
                    throw TooLong(what, limit);
                body.Write(buffer, 0, count);
            }
            return body.ToArray();
        }
    }

    private static InvalidImageException TooLong(string what, int limit) => new(what, $"is longer than {limit} bytes");
}
