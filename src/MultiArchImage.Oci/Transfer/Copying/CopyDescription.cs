using MultiArchImage.Oci.Model;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>A plan in words, for <c>-Verbose</c>, <c>-Confirm</c> and <c>-WhatIf</c>.</summary>
public sealed class CopyDescription(CopyPlan plan)
{
    /// <summary>What carrying the plan out does, in a sentence without its full stop.</summary>
    public string Sentence
    {
        get
        {
            var names = plan.Changing.Select(target => target.Previous is { } previous ? $"{target.Name}, in place of {previous.Short}" : $"{target.Name}");
            var referrers = plan.Referrers.Count == 0 ? "" : $", with {plan.Referrers.Count} that refer to it";
            return $"Copy {plan.Source} ({plan.Digest.Short}{referrers}) to {string.Join("; ", names)}";
        }
    }

    /// <summary>The whole plan, a line each: what is brought to where, and what it costs. It looks at what lies where.</summary>
    public async Task<string> InFullAsync(CancellationToken cancel)
    {
        var trees = plan.Referrers.Select(referrer => referrer.Tree).Prepend(plan.Tree).ToList();
        var forecasts = await Task.WhenAll(plan.Places.Select(place => TransferForecast.LookAsync(plan.From, place, trees, pulls: 0, cancel))).ConfigureAwait(false);
        var platforms = plan.Tree.Document.IsIndex ? ImageIndex.Parse(plan.Tree.Document).Images.Select(Line) : [];
        var lines = forecasts.Select(forecast => $"to {forecast.Target}: {forecast}");
        return string.Join(Environment.NewLine + "  ", [Sentence, .. platforms, .. lines, .. Cost(forecasts)]);
    }

    private static string Line(Descriptor entry) => $"{entry.Platform,-16} {entry.Digest.Short}";

    // A forecast counts the document itself once; each further name is a request more.
    private IEnumerable<string> Cost(IReadOnlyList<TransferForecast> forecasts)
    {
        var names = plan.Changing.Count(target => !target.Name.IsFile) - forecasts.Count(forecast => !forecast.Target.IsFile);
        var requests = forecasts.Sum(forecast => forecast.Requests) + names;
        return requests <= 0 ? [] : [$"{requests} request{(requests == 1 ? "" : "s")} to carry it out"];
    }
}
