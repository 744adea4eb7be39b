using System.Net;
using Newtonsoft.Json.Linq;

namespace MultiArchImage.Oci.Serving;

/// <summary>What a request is answered with.</summary>
/// <param name="Status">The HTTP status.</param>
internal sealed record Answer(HttpStatusCode Status)
{
    /// <summary>Headers besides those of the body.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The media type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>The bytes of the body, also where a HEAD leaves it out.</summary>
    public long Length { get; init; }

    /// <summary>Writes the body; null for none.</summary>
    public Func<Stream, CancellationToken, Task>? WriteAsync { get; init; }

    public static Answer Json(HttpStatusCode status, JToken json) => Bytes(status, "application/json", Model.Json.ToBytes(json));

    public static Answer Bytes(HttpStatusCode status, string contentType, ReadOnlyMemory<byte> bytes) => new(status)
    {
        ContentType = contentType,
        Length = bytes.Length,
        WriteAsync = (body, cancel) => body.WriteAsync(bytes, cancel).AsTask(),
    };

    /// <summary>The same with further headers.</summary>
    public Answer With(params ReadOnlySpan<(string Name, string Value)> headers) => this with { Headers = [.. Headers, .. headers] };
}
