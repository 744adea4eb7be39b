using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.FatManifests.Verification;

/// <summary>Makes findings; the severity follows from the code.</summary>
internal static class Findings
{
    public static FatManifestFinding Make(ImageReference reference, FindingCode code, string message) => new()
    {
        Reference = $"{reference}",
        Code = $"{code}",
        Severity = DoesNoHarm(code) ? FatManifestFinding.Warning : FatManifestFinding.Error,
        Message = message,
    };

    /// <summary>The finding that an entry's or config's failure is. Only failures for which <see cref="IsFinding"/> holds.</summary>
    public static FindingCode CodeOf(ImageException failure, FindingCode missing, FindingCode untrue) => failure switch
    {
        DigestMismatchException => untrue,
        InvalidImageException => FindingCode.Unreadable,
        _ => missing,
    };

    /// <summary>Whether a failure says something of what is stored; a registry that does not answer, or refuses, says nothing of it.</summary>
    public static bool IsFinding(ImageException failure) =>
        failure is ManifestNotFoundException or RepositoryNotFoundException or BlobNotFoundException or DigestMismatchException or InvalidImageException;

    private static bool DoesNoHarm(FindingCode code) =>
        code is FindingCode.NotImage or FindingCode.AttestationOrphan or FindingCode.SameLayers or FindingCode.ProgramUnseen or FindingCode.ArchTagMissing;
}
