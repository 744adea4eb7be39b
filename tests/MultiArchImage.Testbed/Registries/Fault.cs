using System.Globalization;

namespace MultiArchImage.Testbed.Registries;

/// <summary>How a request goes wrong.</summary>
public enum FaultKind
{
    /// <summary>The connection is reset before the request has arrived whole.</summary>
    ResetInRequest,

    /// <summary>The connection is reset at some byte of the answer.</summary>
    ResetInAnswer,

    /// <summary>The registry does what it was asked, and the connection is reset before it says so.</summary>
    AnswerLost,

    /// <summary>The connection ends at some byte of the answer, as if that were all.</summary>
    AnswerCut,

    /// <summary>No answer comes.</summary>
    Silence,

    /// <summary>The answer stands still at some byte.</summary>
    Stall,

    /// <summary>A bit of the answer's body is another.</summary>
    Corruption,

    /// <summary>The answer is no HTTP.</summary>
    Garbage,

    /// <summary>The answer is a status; the registry never sees the request.</summary>
    Status,

    /// <summary>The token that was good is not any more.</summary>
    ExpiredToken,

    /// <summary>All connections are reset, and for a while nothing listens.</summary>
    Restart,
}

/// <summary>What a <see cref="FaultProxy"/> does to a request.</summary>
/// <param name="Kind">How it goes wrong.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="RetryAfter">Makes its <c>Retry-After</c>; null for none.</param>
public sealed record Fault(FaultKind Kind, int Status = 0, Func<string>? RetryAfter = null)
{
    private static readonly Func<string> Seconds = () => "1";
    private static readonly Func<string> Date = () => DateTimeOffset.UtcNow.AddSeconds(2).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>All faults by name.</summary>
    public static IReadOnlyDictionary<string, Fault> All { get; } =
        Enum.GetValues<FaultKind>().Where(kind => kind != FaultKind.Status).Select(kind => ($"{kind}", new Fault(kind)))
            .Concat(new[] { 408, 429, 500, 502, 503, 504 }.Select(status => ($"{status}", new Fault(FaultKind.Status, status))))
            .Concat(new[] { 429, 503 }.Select(status => ($"{status} with seconds", new Fault(FaultKind.Status, status, Seconds))))
            .Append(("429 with a date", new Fault(FaultKind.Status, 429, Date)))
            .ToDictionary(pair => pair.Item1, pair => pair.Item2);
}
