using System.Net;
using MultiArchImage.Oci.Model;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Serving;

/// <summary>
/// A request that is answered with an error (distribution-spec: Error Codes). It never leaves the registry: a client gets the code and the
/// message as JSON.
/// </summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The code of the specification: <c>BLOB_UNKNOWN</c>.</param>
/// <param name="message">What was wrong, with what.</param>
internal sealed class RefusedException(HttpStatusCode status, string code, string message) : Exception(message)
{
    /// <summary>Headers that belong to the answer: where a chunk should have begun, how to log in.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public static RefusedException NameInvalid(string name) =>
        new(HttpStatusCode.BadRequest, "NAME_INVALID", $"'{name}' is no repository name, or is kept for the files of image layouts");

    public static RefusedException NameUnknown(string name) => new(HttpStatusCode.NotFound, "NAME_UNKNOWN", $"there is no repository {name}");

    public static RefusedException ManifestUnknown(string reference) => new(HttpStatusCode.NotFound, "MANIFEST_UNKNOWN", $"there is no manifest {reference}");

    public static RefusedException ManifestInvalid(string problem) => new(HttpStatusCode.BadRequest, "MANIFEST_INVALID", problem);

    public static RefusedException ManifestBlobUnknown(Digest digest) =>
        new(HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN", $"the manifest names {digest}, which is not in the repository: push it first");

    public static RefusedException TooLarge(string what, long limit) =>
        new(HttpStatusCode.RequestEntityTooLarge, "SIZE_INVALID", $"{what} is larger than {limit} bytes");

    public static RefusedException BlobUnknown(Digest digest) => new(HttpStatusCode.NotFound, "BLOB_UNKNOWN", $"there is no blob {digest}");

    public static RefusedException DigestInvalid(string problem) => new(HttpStatusCode.BadRequest, "DIGEST_INVALID", problem);

    public static RefusedException UploadUnknown(string session) => new(HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN", $"there is no upload {session}");

    public static RefusedException UploadInvalid(string problem) => new(HttpStatusCode.BadRequest, "BLOB_UPLOAD_INVALID", problem);

    // distribution-spec: Pushing a blob in chunks: 416, and the client asks where the upload stands.
    public static RefusedException OutOfOrder(IReadOnlyList<(string Name, string Value)> place) =>
        new(HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID", "the chunk does not begin where the upload ends") { Headers = place };

    // The specification has no code of its own for a condition that was not met.
    public static RefusedException ConditionFailed(string reference) =>
        new(HttpStatusCode.PreconditionFailed, "DENIED", $"{reference} does not hold what the condition says");

    public static RefusedException Unsupported(HttpStatusCode status, string problem) => new(status, "UNSUPPORTED", problem);

    public Answer ToAnswer() => Answer.Json(
        status, new JObject { ["errors"] = new JArray(new JObject { ["code"] = code, ["message"] = Message }) }) with { Headers = Headers };
}
