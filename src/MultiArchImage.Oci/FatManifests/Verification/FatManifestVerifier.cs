using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.FatManifests.Verification;

/// <summary>Tests fat manifests: reads them once, then holds what was read against each check.</summary>
/// <param name="stores">Where they are.</param>
/// <param name="request">What they are held to.</param>
/// <param name="time">What tells how old an image is.</param>
public sealed class FatManifestVerifier(ImageStores stores, VerificationRequest request, TimeProvider time)
{
    /// <summary>
    /// What is wrong with a fat manifest, in the order of the checks; empty where nothing is. That it is not there, or damaged, is a finding;
    /// only a store that does not answer, or refuses to, is a failure.
    /// </summary>
    public async Task<IReadOnlyList<FatManifestFinding>> VerifyAsync(ImageReference reference, CancellationToken cancel)
    {
        try
        {
            var document = await stores.Open(reference.Place).GetManifestAsync(reference.TagOrDigest, cancel).ConfigureAwait(false);
            if (!document.IsIndex)
                return [Findings.Make(reference, FindingCode.NotFatManifest, $"{reference} is a single image, not a fat manifest")];
            var snapshot = await new SnapshotReader(stores, request).ReadAsync(reference, ImageIndex.Parse(document), cancel).ConfigureAwait(false);
            return [.. Check(snapshot)];
        }
        catch (ImageException failure) when (Findings.IsFinding(failure))
        {
            return [Findings.Make(reference, Findings.CodeOf(failure, FindingCode.NotFound, FindingCode.Unreadable), failure.Message)];
        }
    }

    /// <summary>Whether a fat manifest passes with these findings: none of them is an error.</summary>
    public static bool Passes(IEnumerable<FatManifestFinding> findings) => findings.All(finding => finding.Severity != FatManifestFinding.Error);

    private IEnumerable<FatManifestFinding> Check(FatManifestSnapshot fat) =>
    [
        .. EntryChecks.AreAny(fat),
        .. EntryChecks.AreReadable(fat),
        .. EntryChecks.HaveTheirSize(fat),
        .. EntryChecks.HaveTheirType(fat),
        .. EntryChecks.AreImages(fat),
        .. EntryChecks.HaveTheirBlobs(fat),
        .. EntryChecks.AttestImages(fat),
        .. PlatformChecks.AreStated(fat),
        .. PlatformChecks.AreTrue(fat),
        .. PlatformChecks.AreRunnable(fat),
        .. PlatformChecks.AreUnique(fat),
        .. PlatformChecks.ArePresent(fat, request.RequiredPlatforms),
        .. BuildChecks.AreOfOneBuild(fat, request.SameLabels),
        .. request.MaximumAge is { } age ? BuildChecks.AreYoung(fat, age, time.GetUtcNow()) : [],
        .. request.MaximumSize is { } size ? BuildChecks.AreSmall(fat, size) : [],
        .. BuildChecks.AreInStep(fat),
        .. request.Deep ? BuildChecks.HaveTheirOwnLayers(fat) : [],
    ];
}
