using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Executables;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>
/// The gate of <c>-Deep</c>: a base that was pulled for the wrong machine leaves a config that says the right one, and only the programs in the
/// layers tell.
/// </summary>
/// <param name="sink">What is no reason to stop is told here.</param>
/// <param name="allowsMismatch">Whether a program of another machine is no reason to stop.</param>
internal sealed class ProgramGate(IActivitySink sink, bool allowsMismatch)
{
    /// <summary>What each image runs first must be a program for its platform, as far as anybody can tell.</summary>
    /// <param name="target">What errors are about.</param>
    /// <param name="entries">The images, with their contents.</param>
    /// <param name="cancel">Ends the reading of layers.</param>
    /// <exception cref="ProgramMismatchException">One is not.</exception>
    public async Task RequireAsync(ImageReference target, IReadOnlyList<Candidate> entries, CancellationToken cancel)
    {
        var mismatches = (await Task.WhenAll(entries.Select(entry => LookAsync(entry, cancel))).ConfigureAwait(false)).OfType<string>().ToList();
        if (mismatches.Count > 0 && !allowsMismatch)
            throw new ProgramMismatchException($"{target}", mismatches) { Subject = $"{target}" };
        foreach (var mismatch in mismatches)
            sink.Warning(mismatch);
        foreach (var same in entries.GroupBy(entry => string.Join(' ', entry.Content!.Config.DiffIds)).Where(same => same.Key.Length > 0 && same.Skip(1).Any()))
            sink.Warning($"{string.Join(" and ", same.Select(entry => entry.Platform))} have the same layers; are they built for one machine?");
    }

    private async Task<string?> LookAsync(Candidate entry, CancellationToken cancel)
    {
        var (image, config) = entry.Content!;
        var search = await ProgramFinder.FindAsync(entry.Store, image, config, cancel).ConfigureAwait(false);
        if (search.Obstacle is { } obstacle)
            sink.Warning($"what {entry.Reference} runs on {entry.Platform} was not looked at: {obstacle.Message}");
        return search.MismatchWith(config.Platform) is { } mismatch ? $"{entry.Reference}: {mismatch}" : null;
    }
}
