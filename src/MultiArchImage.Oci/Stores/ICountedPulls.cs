namespace MultiArchImage.Oci.Stores;

/// <summary>A place that may count how many manifests are read from it, as Docker Hub does.</summary>
public interface ICountedPulls
{
    /// <summary>What the place said last of what may still be read; null where it does not count, or was not asked anything yet.</summary>
    PullAllowance? Allowance { get; }
}

/// <summary>How many manifests may be read.</summary>
/// <param name="Remaining">How many more in this window. GET counts, HEAD does not.</param>
/// <param name="Limit">How many in a whole window; null where that was not said.</param>
/// <param name="Window">The length of a window; null where that was not said.</param>
public sealed record PullAllowance(int Remaining, int? Limit, TimeSpan? Window);
