namespace MultiArchImage.Oci.Activity;

/// <summary>How far one activity is. Records with the same <paramref name="Activity"/> belong together.</summary>
/// <param name="Activity">What is going on: <c>Pushing akraino/validation:k8s-arm64-latest</c>.</param>
/// <param name="Status">Where it stands: <c>layer 3 of 7, 12.5 MB of 40 MB</c>.</param>
/// <param name="Fraction">0 to 1; null where the whole is not known.</param>
public sealed record ActivityProgress(string Activity, string Status, double? Fraction = null)
{
    /// <summary>The activity that this one is a part of, as a layer is of its image; null for none.</summary>
    public string? Parent { get; init; }

    /// <summary>Whether this is the last of the activity, which takes it from the screen.</summary>
    public bool IsCompleted { get; init; }
}
