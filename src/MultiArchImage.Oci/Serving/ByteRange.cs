using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace MultiArchImage.Oci.Serving;

/// <summary>The part of a blob that a client asks for (RFC 9110, 14).</summary>
/// <param name="Start">The offset of its first byte.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="Size">How many the whole has.</param>
internal sealed partial record ByteRange(long Start, long Length, long Size)
{
    /// <summary>The part as <c>Content-Range</c> states it.</summary>
    public string ContentRange => string.Create(CultureInfo.InvariantCulture, $"bytes {Start}-{Start + Length - 1}/{Size}");

    /// <summary>Reads a <c>Range</c> header; null, which is the whole, for none and for one that is not a single range of bytes.</summary>
    /// <param name="header">The header.</param>
    /// <param name="size">The bytes of the whole.</param>
    /// <exception cref="RefusedException">It has none of the bytes: 416.</exception>
    public static ByteRange? Parse(string? header, long size)
    {
        if (RangeHeaderValue.TryParse(header, out var range))
            return range.Unit == "bytes" && range.Ranges.Count == 1 ? Cut(range.Ranges.Single(), size) : null;
        // RFC 9110, 14.2: what is no range may be ignored; one whose end is before its start, or that no number holds, may also be refused.
        return header is not null && Single().IsMatch(header) ? throw Unsatisfiable(size) : null;
    }

    private static ByteRange Cut(RangeItemHeaderValue range, long size)
    {
        // "bytes=-5" are the last five.
        var start = range.From ?? Math.Max(0, size - range.To!.Value);
        var end = range.From is null ? size - 1 : Math.Min(range.To ?? long.MaxValue, size - 1);
        return start <= end ? new ByteRange(start, end - start + 1, size) : throw Unsatisfiable(size);
    }

    private static RefusedException Unsatisfiable(long size) => new(HttpStatusCode.RequestedRangeNotSatisfiable, "SIZE_INVALID", $"the blob has {size} bytes")
    {
        Headers = [("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes */{size}"))],
    };

    [GeneratedRegex(@"^\s*bytes\s*=\s*\d+\s*-\s*\d*\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Single();
}
