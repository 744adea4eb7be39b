using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Transfer;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>A plan in words, for <c>-Verbose</c>, <c>-Confirm</c> and <c>-WhatIf</c>.</summary>
public sealed class PlanDescription(FatManifestPlan plan)
{
    /// <summary>What carrying the plan out does, in a sentence without its full stop.</summary>
    public string Sentence
    {
        get
        {
            var platforms = string.Join(", ", plan.Index.Images.Select(entry => $"{entry.Platform}"));
            var moves = plan.Moves.Count == 0 ? "" : $", after copying images from {string.Join(", ", plan.Moves.Select(move => move.Source.Place))}";
            return $"{Headline} with {platforms}{moves}";
        }
    }

    private string Headline
    {
        get
        {
            var kind = MediaTypes.IsDocker(plan.Index.Document.MediaType) ? "Docker manifest list" : "OCI image index";
            var tags = plan.Tags.Count == 1 ? "" : $" (and {string.Join(", ", plan.Tags.Skip(1))})";
            var previous = plan.PreviousDigest is null ? "" : $", in place of {plan.PreviousDigest.Short}";
            var kept = plan.Kept.Count == 0 ? "" : $", which {string.Join(" and ", plan.Kept.Keys)} keeps";
            return $"Push {plan.Target}{tags}, {kind} {plan.Index.Digest.Short}{previous}{kept}";
        }
    }

    /// <summary>
    /// The whole plan, a line each: what becomes of each platform, what is brought from where, what it costs. It looks at what the name holds and at
    /// what lies where, so it is for whoever asks to see it.
    /// </summary>
    public async Task<string> InFullAsync(CancellationToken cancel)
    {
        var before = plan.PreviousDigest is { } previous ? await plan.Store.GetManifestAsync($"{previous}", cancel).ConfigureAwait(false) : null;
        var changes = EntryChanges.Between(before is { IsIndex: true } ? ImageIndex.Parse(before) : null, plan.Index);
        var forecasts = await Task.WhenAll(plan.Moves.Select(move => move.ForecastAsync(plan.Store, cancel))).ConfigureAwait(false);
        return string.Join(Environment.NewLine + "  ", [Headline, .. changes, .. forecasts.Select(forecast => $"{forecast}"), .. Cost(forecasts)]);
    }

    // A layout costs no requests. Of several tags, each follows the document, which goes by digest first; what is kept is read and put.
    private IEnumerable<string> Cost(IReadOnlyList<TransferForecast> forecasts)
    {
        var tags = plan.TagsToPush.Count > 1 ? plan.TagsToPush.Count + 1 : plan.TagsToPush.Count;
        var (own, kept) = plan.Target.IsFile ? (0, 0) : (tags + plan.Kept.Count, plan.Kept.Count);
        var pulls = forecasts.Sum(forecast => forecast.Pulls) + kept;
        var requests = forecasts.Sum(forecast => forecast.Requests) + own + kept;
        return requests == 0 ? [] : [$"{requests} request{(requests == 1 ? "" : "s")} to carry it out, {pulls} pull{(pulls == 1 ? "" : "s")} among them"];
    }
}
