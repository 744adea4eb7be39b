using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Transfer;

/// <summary>Says what a <see cref="CopyPlan"/> does: what moves where, which tags change from what to what, and what it takes.</summary>
internal static class CopyPlanText
{
    public static string Of(CopyPlan plan)
    {
        var targets = plan.Targets.Select(target => Of(plan, target)).ToList();
        var separator = targets.Count == 1 ? " " : Environment.NewLine + "  ";
        // The digest follows with the kind.
        var name = plan.Source.Tag is null ? plan.Source : plan.Source.WithoutDigest();
        return $"Copy {name}, {Kind(plan)}, to{string.Concat(targets.Select(target => separator + target))}";
    }

    private static string Kind(CopyPlan plan)
    {
        var (document, digest) = (plan.Document, plan.Document.Digest.Short);
        if (!document.IsIndex)
            return plan.Image is { Platform.Length: > 0 } image ? $"image {digest} for {image.Platform}" : $"artifact {digest}";
        var kind = MediaTypes.IsDocker(document.MediaType) ? "Docker manifest list" : "OCI image index";
        return $"{kind} {digest} of {string.Join(", ", ImageIndex.Parse(document).Images.Select(entry => $"{entry.Platform}"))}";
    }

    private static string Of(CopyPlan plan, CopyTarget target)
    {
        var tags = string.Join(", ", target.Names.Select(name => Of(plan, name)).Concat(target.ReferrerTags.Select(Of)));
        var referrers = target.Referrers.Count switch { 0 => "", 1 => "1 referrer, ", var count => $"{count} referrers, " };
        return $"{target.Store.Place}: {tags}; {referrers}{target.Cost}";
    }

    private static string Of(CopyPlan plan, CopyName name) =>
        name.Name.Tag is null ? "by digest only"
        : name.Held is null ? (plan.Force ? $"set {name.Name.Tag}" : $"create {name.Name.Tag}")
        : name.Held == plan.Document.Digest ? $"{name.Name.Tag} has it already"
        : $"replace {name.Name.Tag} ({name.Held.Short} -> {plan.Document.Digest.Short})";

    private static string Of(TagMove move) =>
        move.Previous is null ? $"create {move.Tag}" : $"replace {move.Tag} ({move.Previous.Short} -> {move.Document.Digest.Short})";
}
