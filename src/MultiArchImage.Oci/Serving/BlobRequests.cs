using System.Net;
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
        var file = registry.Repository(call.Route.Repository).Blobs.Find(digest) ?? throw RefusedException.BlobUnknown(digest);
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
        var part = call.Method == "GET" ? ByteRange.Parse(call.Headers["Range"], file.Length) : null;
        var (start, length) = part is null ? (0, file.Length) : (part.Start, part.Length);
        var answer = new Answer(part is null ? HttpStatusCode.OK : HttpStatusCode.PartialContent)
        {
            ContentType = BlobType,
            Length = length,
            Headers = [("Docker-Content-Digest", $"{digest}"), ("Accept-Ranges", "bytes"), ("ETag", $"\"{digest}\"")],
            WriteAsync = (body, cancel) => SendAsync(file.FullName, start, length, body, cancel),
        };
        return part is null ? answer : answer.With(("Content-Range", part.ContentRange));
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
