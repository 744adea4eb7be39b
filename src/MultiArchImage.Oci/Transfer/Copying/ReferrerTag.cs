using System.Text.RegularExpressions;
using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer.Copying;

/// <summary>
/// The tags that stand for what is about a manifest where a place keeps no list of it: an index under <c>sha256-HEX</c> (distribution-spec: Referrers
/// Tag Schema), and cosign's <c>sha256-HEX.sig</c>, <c>.att</c> and <c>.sbom</c>.
/// </summary>
internal static partial class ReferrerTag
{
    // distribution-spec: Referrers Tag Schema cuts the encoded part here, which is all of a sha256.
    private const int MaximumHexLength = 64;

    private static readonly string[] CosignSuffixes = [".sig", ".att", ".sbom"];

    /// <summary>The tag of the index of what is about a manifest.</summary>
    public static string Of(Digest subject) => $"{subject.Algorithm}-{subject.Hex[..Math.Min(subject.Hex.Length, MaximumHexLength)]}";

    /// <summary>Whether a tag is one of these, and so no name of an image.</summary>
    public static bool IsMatch(string tag) => Form().IsMatch(tag);

    public static IEnumerable<string> OfCosign(Digest subject) => CosignSuffixes.Select(suffix => Of(subject) + suffix);

    /// <summary>What the place's own list has or, where it keeps none, the index under the tag.</summary>
    public static async Task<IReadOnlyList<Descriptor>?> ListAnywhereAsync(IImageStore store, Digest subject, CancellationToken cancel) =>
        (store is IReferrersApi api ? await api.TryListReferrersAsync(subject, cancel).ConfigureAwait(false) : null)
        ?? await ListAsync(store, subject, cancel).ConfigureAwait(false);

    /// <summary>What the index under the tag lists; nothing where there is none.</summary>
    public static async Task<IReadOnlyList<Descriptor>> ListAsync(IImageStore store, Digest subject, CancellationToken cancel) =>
        await TryReadAsync(store, Of(subject), cancel).ConfigureAwait(false) is { IsIndex: true } index ? ImageIndex.Parse(index).Entries : [];

    /// <summary>Adds to the index under the tag what it does not list yet.</summary>
    public static async Task AddAsync(IImageStore store, Digest subject, IReadOnlyList<Descriptor> referrers, CancellationToken cancel)
    {
        var listed = await ListAsync(store, subject, cancel).ConfigureAwait(false);
        var added = referrers.ExceptBy(listed.Select(entry => entry.Digest), entry => entry.Digest).ToList();
        if (added.Count > 0)
        {
            var index = ImageIndex.Create(MediaTypes.OciIndex, [.. listed, .. added]);
            await store.PutManifestAsync(index.Document, [Of(subject)], cancel).ConfigureAwait(false);
        }
    }

    /// <summary>The document under a tag; null where there is none.</summary>
    public static async Task<Manifest?> TryReadAsync(IImageStore store, string tag, CancellationToken cancel) =>
        await store.ResolveAsync(tag, cancel).ConfigureAwait(false) is { } held ? await store.GetManifestAsync($"{held.Digest}", cancel).ConfigureAwait(false) : null;

    [GeneratedRegex(@"^sha(?:256|512)-[0-9a-f]{64}(?:\.[a-z]+)?\z")]
    private static partial Regex Form();
}
