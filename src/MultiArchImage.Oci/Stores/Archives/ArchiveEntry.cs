namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>Where the content of a file lies in an archive.</summary>
/// <param name="Offset">Bytes from the start of the unpacked archive.</param>
/// <param name="Length">Bytes of the content.</param>
internal sealed record ArchiveEntry(long Offset, long Length);
