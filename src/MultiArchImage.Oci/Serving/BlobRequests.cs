using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Serving;

/// <summary>Pulling and deleting blobs (distribution-spec: Pulling blobs, Deleting Blobs).</summary>
internal sealed class BlobRequests(RegistryFolder registry)
{
    private const string BlobType = "application/octet-stream";
    private const int BufferSize = 128 * 1024;

    public Answer Answer(RegistryCall call)
    {
        var digest = RegistryCall.DigestOf(call.Route.Argument);
        var file = registry.Repository(call.Route.Repository).FindBlob(digest) ?? throw RefusedException.BlobUnknown(digest);
        return call.Method switch
        {
            "GET" or "HEAD" => Read(call, digest, file),
            "DELETE" => Delete(file),
            _ => throw call.NoSuchMethod(),
        };
    }

    private static Answer Delete(FileInfo file)
    {
        file.Delete();
        return new Answer(HttpStatusCode.Accepted);
    }

    private static Answer Read(RegistryCall call, Digest digest, FileInfo file)
    {
        var (start, length) = (0L, file.Length);
        var status = HttpStatusCode.OK;
        List<(string, string)> headers = [("Docker-Content-Digest", $"{digest}"), ("Accept-Ranges", "bytes"), ("ETag", $"\"{digest}\"")];
        if (call.Method == "GET" && Asked(call) is { } asked)
        {
            (start, length) = Cut(asked, file.Length);
            status = HttpStatusCode.PartialContent;
            headers.Add(("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes {start}-{start + length - 1}/{file.Length}")));
        }
        return new Answer(status)
        {
            ContentType = BlobType,
            Length = length,
            Headers = headers,
            WriteAsync = (body, cancel) => SendAsync(file.FullName, start, length, body, cancel),
        };
    }

    // RFC 9110, 14.2: a Range that is no single range of bytes may be ignored; the whole is sent then.
    private static RangeItemHeaderValue? Asked(RegistryCall call) =>
        RangeHeaderValue.TryParse(call.Headers["Range"], out var range) && range.Unit == "bytes" && range.Ranges.Count == 1 ? range.Ranges.Single() : null;

    private static (long Start, long Length) Cut(RangeItemHeaderValue range, long size)
    {
        // "bytes=-5" are the last five.
        var start = range.From ?? Math.Max(0, size - range.To!.Value);
        var end = range.From is null ? size - 1 : Math.Min(range.To ?? long.MaxValue, size - 1);
        return start <= end
            ? (start, end - start + 1)
            : throw new RefusedException(HttpStatusCode.RequestedRangeNotSatisfiable, "SIZE_INVALID", $"the blob has {size} bytes")
            {
                Headers = [("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes */{size}"))],
            };
    }

    private static async Task SendAsync(string path, long start, long length, Stream body, CancellationToken cancel)
    {
        var file = LayoutFolder.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            file.Position = start;
            var buffer = new byte[(int)Math.Min(BufferSize, length)];
            for (int count; length > 0 && (count = await file.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length)), cancel).ConfigureAwait(false)) > 0; length -= count)
                await body.WriteAsync(buffer.AsMemory(0, count), cancel).ConfigureAwait(false);
        }
    }
}
