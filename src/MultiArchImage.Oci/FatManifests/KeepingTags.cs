using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>
/// The tags that keep what a fat manifest takes the place of (<c>-KeepPreviousAs</c>), since registries collect what has no tag. <c>{tag}</c>
/// stands for the tag that moves, <c>{digest}</c> for the first 12 characters of what it held.
/// </summary>
internal static class KeepingTags
{
    private const int DigestLength = 12;

    /// <summary>What is kept, by the tag that keeps it. Where one tag would keep two, it keeps what the first had.</summary>
    /// <exception cref="InvalidReferenceException">The template comes to no tag, or to one that the fat manifest gets.</exception>
    public static IReadOnlyDictionary<string, Digest> Of(FatManifestPlan plan, string template)
    {
        var kept = new Dictionary<string, Digest>(StringComparer.Ordinal);
        foreach (var tag in plan.TagsToPush)
        {
            if (plan.Previous.TryGetValue(tag, out var held) && held != plan.Index.Digest)
                kept.TryAdd(Checked(plan, Fill(template, tag, held)), held);
        }
        return kept;
    }

    private static string Fill(string template, string tag, Digest held) =>
        template.Replace("{tag}", tag, StringComparison.Ordinal).Replace("{digest}", held.Hex[..DigestLength], StringComparison.Ordinal);

    private static string Checked(FatManifestPlan plan, string keeping) => plan.Tags.Contains(keeping)
        ? throw new InvalidReferenceException($"{plan.Target.Place}:{keeping}", "the fat manifest gets that tag itself", "give -KeepPreviousAs another")
        : plan.Target.WithTag(keeping).Tag!;
}
