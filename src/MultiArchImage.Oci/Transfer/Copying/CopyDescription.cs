using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>A plan in words, for <c>-Verbose</c>, <c>-Confirm</c> and <c>-WhatIf</c>.</summary>
public sealed class CopyDescription(CopyPlan plan)
{
    /// <summary>What carrying the plan out does, in a sentence without its full stop.</summary>
    public string Sentence
    {
        get
        {
            var names = plan.Changing.Select(target => target.Previous is { } previous ? $"{target.Name}, in place of {previous.Short}" : $"{target.Name}")
                .DefaultIfEmpty(string.Join(", ", plan.Targets.Select(target => $"{target.Name}, which has it already")));
            var count = plan.Referrers.SelectMany(move => move.Missing).DistinctBy(referrer => (referrer.Entry.Digest, referrer.Tag)).Count();
            var referrers = count == 0 ? "" : $", with {count} that refer to it";
            return $"Copy {plan.Source} ({plan.Digest.Short}{referrers}) to {string.Join("; ", names)}";
        }
    }

    /// <summary>The whole plan, a line each: what is brought to where, and what it costs. It looks at what lies where.</summary>
    public async Task<string> InFullAsync(CancellationToken cancel)
    {
        var forecasts = await Task.WhenAll(plan.Receiving.Select(place => LookAsync(place, cancel))).ConfigureAwait(false);
        var platforms = plan.Tree.Document.IsIndex ? ImageIndex.Parse(plan.Tree.Document).Images.Select(Line) : [];
        var lines = forecasts.Select(forecast => $"to {forecast.Target}: {forecast}");
        return string.Join(Environment.NewLine + "  ", [Sentence, .. platforms, .. lines, .. Cost(forecasts)]);
    }

    private Task<TransferForecast> LookAsync(IImageStore place, CancellationToken cancel)
    {
        var referrers = plan.ReferrersFor(place).Select(referrer => referrer.Tree);
        IReadOnlyList<ImageTree> trees = [.. plan.Places.Contains(place) ? referrers.Prepend(plan.Tree) : referrers];
        return TransferForecast.LookAsync(plan.From, place, trees, pulls: 0, cancel, plan.MountFrom(place));
    }

    private static string Line(Descriptor entry) => $"{entry.Platform,-16} {entry.Digest.Short}";

    // A forecast counts the document itself once; each further name is a request more.
    private IEnumerable<string> Cost(IReadOnlyList<TransferForecast> forecasts)
    {
        var names = plan.Changing.Count(target => !target.Name.IsFile) - plan.Places.Count(place => !place.Place.IsFile);
        var requests = forecasts.Sum(forecast => forecast.Requests) + names + Ahead();
        return requests <= 0 ? [] : [$"{requests} request{(requests == 1 ? "" : "s")} to carry it out"];
    }

    // Several names follow the document: it goes to each of several places by digest, and to each place of several names ahead of these.
    private int Ahead()
    {
        var places = plan.Changing.GroupBy(target => target.Store).ToList();
        return places.Where(place => !place.Key.Place.IsFile).Sum(place => (places.Count > 1 ? 1 : 0) + (place.Count() > 1 ? 1 : 0));
    }
}
