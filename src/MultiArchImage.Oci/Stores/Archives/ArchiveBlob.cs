namespace MultiArchImage.Oci.Stores.Archives;

/// <summary>A blob of an archive: a file in it, or a document that was made of what the archive says.</summary>
/// <param name="Entry">Where it lies; null for a document.</param>
/// <param name="Document">The document; empty for a file.</param>
internal sealed record ArchiveBlob(ArchiveEntry? Entry, ReadOnlyMemory<byte> Document = default)
{
    /// <summary>Bytes of the blob.</summary>
    public long Length => Entry?.Length ?? Document.Length;
}
