namespace MultiArchImage.Oci.Stores;

/// <summary>How a blob came to be where it should be.</summary>
public enum BlobTransfer
{
    /// <summary>It was there already.</summary>
    Present,

    /// <summary>The registry took it from another of its repositories (distribution-spec: Mounting a blob from another repository).</summary>
    Mounted,

    /// <summary>Its bytes were sent.</summary>
    Sent,
}
