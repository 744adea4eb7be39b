using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Executables;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests;

/// <summary>
/// The gate of <c>-Deep</c>: a base that was pulled for the wrong machine leaves a config that says the right one, and only the programs in the
/// layers tell, or that the layers are another platform's.
/// </summary>
/// <param name="sink">What is no reason to stop is told here.</param>
/// <param name="allowsMismatch">Whether what is found is no reason to stop.</param>
internal sealed class ProgramGate(IActivitySink sink, bool allowsMismatch)
{
    /// <summary>
    /// What each image runs first must be a program for its platform, as far as anybody can tell; where nothing tells, images for two platforms must differ.
    /// </summary>
    /// <param name="target">What errors are about.</param>
    /// <param name="entries">The images, with their contents.</param>
    /// <param name="cancel">Ends the reading of layers.</param>
    /// <exception cref="ProgramMismatchException">One runs another machine's program.</exception>
    /// <exception cref="SameLayersException">Two have the same layers.</exception>
    public async Task RequireAsync(ImageReference target, IReadOnlyList<Candidate> entries, CancellationToken cancel)
    {
        var looks = await Task.WhenAll(entries.Select(entry => LookAsync(entry, cancel))).ConfigureAwait(false);
        Require([.. looks.Select(look => look.Mismatch).OfType<string>()], found => new ProgramMismatchException($"{target}", found) { Subject = $"{target}" });
        Require([.. Alike(looks)], found => new SameLayersException($"{target}", found) { Subject = $"{target}" });
    }

    private void Require(IReadOnlyList<string> found, Func<IReadOnlyList<string>, ImageException> failure)
    {
        if (found.Count > 0 && !allowsMismatch)
            throw failure(found);
        foreach (var line in found)
            sink.Warning(line);
    }

    // A program that all of them share, and that is foreign to none, runs anywhere.
    private static IEnumerable<string> Alike(IEnumerable<Look> looks) =>
        from look in looks
        let layers = string.Join(' ', look.Entry.Content!.Config.DiffIds)
        where layers.Length > 0
        group look by layers into same
        where same.Skip(1).Any() && same.All(look => !look.HasProgram)
        select $"{string.Join(" and ", same.Select(look => look.Entry.Platform))} have the same layers; are they built for one machine?";

    private async Task<Look> LookAsync(Candidate entry, CancellationToken cancel)
    {
        var (image, config) = entry.Content!;
        var search = await ProgramFinder.FindAsync(entry.Store, image, config, cancel).ConfigureAwait(false);
        if (search.Obstacle is { } obstacle)
            sink.Warning($"what {entry.Reference} runs on {entry.Platform} was not looked at: {obstacle.Message}");
        return new Look(entry, search.Program is not null, search.MismatchWith(config.Platform) is { } mismatch ? $"{entry.Reference}: {mismatch}" : null);
    }

    private sealed record Look(Candidate Entry, bool HasProgram, string? Mismatch);
}
