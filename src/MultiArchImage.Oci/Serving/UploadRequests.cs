using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Serving;

/// <summary>Pushing blobs: whole, in chunks, and by mounting (distribution-spec: Pushing Blobs).</summary>
internal sealed class UploadRequests(RegistryFolder registry)
{
    // What a client is asked for, not what it must do: each chunk costs a request.
    private const int ChunkMinLength = 64 * 1024;

    public Task<Answer> AnswerAsync(RegistryCall call, CancellationToken cancel) => (call.Route.Resource, call.Method) switch
    {
        (Resource.Uploads, "POST") => BeginAsync(call, cancel),
        (Resource.Upload, "GET" or "HEAD") => Task.FromResult(Status(call, HttpStatusCode.NoContent, Session(call))),
        (Resource.Upload, "PATCH") => AppendAsync(call, cancel),
        (Resource.Upload, "PUT") => FinishAsync(call, Session(call), cancel),
        (Resource.Upload, "DELETE") => Task.FromResult(Discard(call)),
        _ => throw call.NoSuchMethod(),
    };

    private async Task<Answer> BeginAsync(RegistryCall call, CancellationToken cancel)
    {
        if (call.Query["mount"] is { } mount && await TryMountAsync(call, RegistryCall.DigestOf(mount), cancel).ConfigureAwait(false) is { } mounted)
            return mounted;
        var session = registry.Uploads.Begin(call.Route.Repository);
        if (call.Query["digest"] is null)
            return Status(call, HttpStatusCode.Accepted, session).With(("OCI-Chunk-Min-Length", Text(ChunkMinLength)));
        try
        {
            return await FinishAsync(call, session, cancel).ConfigureAwait(false);
        }
        finally
        {
            // The client was told of no session that it could go on with.
            session.Discard();
        }
    }

    // distribution-spec: Mounting a blob from another repository: without `from` the registry may look where it likes.
    private async Task<Answer?> TryMountAsync(RegistryCall call, Digest digest, CancellationToken cancel)
    {
        var target = registry.Repository(call.Route.Repository);
        if (target.Blobs.Find(digest) is not null)
            return Created(call, digest);
        var places = call.Query["from"] is { } from ? [from] : registry.ListRepositories();
        var source = places.Where(Naming.ImageReference.IsRepository).Select(name => registry.Repository(name).Blobs.Find(digest)).FirstOrDefault(file => file is not null);
        return source is not null && await target.Blobs.TryMountAsync(digest, source, cancel).ConfigureAwait(false) ? Created(call, digest) : null;
    }

    private async Task<Answer> AppendAsync(RegistryCall call, CancellationToken cancel)
    {
        var session = Session(call);
        await AddBodyAsync(call, session, cancel).ConfigureAwait(false);
        return Status(call, HttpStatusCode.Accepted, session);
    }

    private async Task<Answer> FinishAsync(RegistryCall call, UploadSession session, CancellationToken cancel)
    {
        var digest = RegistryCall.DigestOf(call.Query["digest"]);
        await AddBodyAsync(call, session, cancel).ConfigureAwait(false);
        var closed = session.TryClose() ?? throw RefusedException.UploadUnknown(session.Id);
        try
        {
            if (!await closed.MatchesAsync(digest, cancel).ConfigureAwait(false))
                throw RefusedException.DigestInvalid($"what came is not what {digest} names");
            await registry.Repository(call.Route.Repository).Blobs.TakeAsync(digest, closed.Path, cancel).ConfigureAwait(false);
        }
        finally
        {
            // Of wrong content no further chunk can make the right one.
            closed.Discard();
        }
        return Created(call, digest);
    }

    private static async Task AddBodyAsync(RegistryCall call, UploadSession session, CancellationToken cancel)
    {
        if (await session.TryAppendAsync(call.Body, Offset(call), cancel).ConfigureAwait(false) is null)
            throw RefusedException.OutOfOrder(Place(call, session));
    }

    // distribution-spec: Pushing a blob in chunks: Content-Range is "start-end", without the unit of RFC 9110, which is understood too.
    private static long? Offset(RegistryCall call)
    {
        if (call.Headers["Content-Range"] is not { Length: > 0 } text)
            return null;
        var range = text.StartsWith("bytes ", StringComparison.Ordinal) ? text["bytes ".Length..].Split('/')[0] : text;
        return RangeHeaderValue.TryParse($"bytes={range}", out var parsed) && parsed.Ranges.Single() is { From: { } start, To: { } end }
            && (call.Length is not { } length || length == end - start + 1)
            ? start
            : throw RefusedException.UploadInvalid($"Content-Range '{text}' is not the start and end of the chunk");
    }

    private Answer Discard(RegistryCall call)
    {
        Session(call).Discard();
        return new Answer(HttpStatusCode.NoContent);
    }

    private UploadSession Session(RegistryCall call) =>
        registry.Uploads.Find(call.Route.Repository, call.Route.Argument) ?? throw RefusedException.UploadUnknown(call.Route.Argument);

    private static Answer Status(RegistryCall call, HttpStatusCode status, UploadSession session) => new(status) { Headers = Place(call, session) };

    private static (string Name, string Value)[] Place(RegistryCall call, UploadSession session) =>
    [
        ("Location", $"{call.RepositoryPath}/blobs/uploads/{session.Id}"),
        ("Docker-Upload-UUID", session.Id),
        // Inclusive at both ends, so that nothing and one byte look alike.
        ("Range", $"0-{Text(Math.Max(0, session.Length - 1))}"),
    ];

    private static Answer Created(RegistryCall call, Digest digest) =>
        new Answer(HttpStatusCode.Created).With(("Location", $"{call.RepositoryPath}/blobs/{digest}"), ("Docker-Content-Digest", $"{digest}"));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
