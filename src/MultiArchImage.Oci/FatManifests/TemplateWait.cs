using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>Waits for the images that other jobs publish, on nodes of other architectures.</summary>
public sealed class TemplateWait(ImageStores stores, IActivitySink sink, TimeProvider? time = null)
{
    // Short against a build, long against a limit of requests; a HEAD costs no pull.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Looks every few seconds until each of the platforms has its tag.</summary>
    /// <exception cref="WaitTimeoutException">One has none in time.</exception>
    public async Task WaitAsync(TagTemplate template, IReadOnlyList<Platform> platforms, TimeSpan limit, CancellationToken cancel)
    {
        var activity = $"Waiting for {template}";
        var start = _time.GetTimestamp();
        var missing = platforms.Select(template.For).ToList();
        try
        {
            while ((missing = await StillMissingAsync(missing, cancel).ConfigureAwait(false)).Count > 0)
            {
                var waited = _time.GetElapsedTime(start);
                var names = missing.Select(name => $"{name}").ToList();
                if (waited >= limit)
                    throw new WaitTimeoutException($"{template}", names, limit) { Subject = names[0] };
                sink.Progress(new ActivityProgress(activity, $"{string.Join(", ", names)} not there yet", waited / limit));
                await Task.Delay(limit - waited < Interval ? limit - waited : Interval, _time, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            sink.Progress(new ActivityProgress(activity, "done", 1) { IsCompleted = true });
        }
    }

    private async Task<List<ImageReference>> StillMissingAsync(List<ImageReference> names, CancellationToken cancel)
    {
        var found = await Task.WhenAll(
            names.Select(name => stores.Open(name.Place).ResolveAsync(name.TagOrDigest, cancel))).ConfigureAwait(false);
        return [.. names.Where((_, index) => found[index] is null)];
    }
}
