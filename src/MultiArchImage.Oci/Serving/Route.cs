using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Serving;

/// <summary>What a path of the API is about.</summary>
internal enum Resource
{
    Nothing,
    Api,
    Catalog,
    Tags,
    Manifest,
    Blob,
    Uploads,
    Upload,
    Referrers,
}

/// <summary>A path of the API, taken apart (distribution-spec: Endpoints).</summary>
/// <param name="Resource">What it is about.</param>
/// <param name="Repository">The name of the repository, which is a valid one; empty where there is none.</param>
/// <param name="Argument">The tag, digest or session; empty where there is none.</param>
internal sealed record Route(Resource Resource, string Repository = "", string Argument = "")
{
    private static readonly Route Nothing = new(Resource.Nothing);

    /// <summary>Reads a path as it was sent, without the query: nothing is decoded but each part for itself, so that no part gains a slash or dots.</summary>
    /// <exception cref="RefusedException">The name of the repository is none.</exception>
    public static Route Parse(string path)
    {
        var parts = path.Split('/').Select(Uri.UnescapeDataString).ToArray();
        return parts switch
        {
            ["", "v2"] or ["", "v2", ""] => new Route(Resource.Api),
            ["", "v2", "_catalog"] => new Route(Resource.Catalog),
            ["", "v2", .. var name, "tags", "list"] => Of(Resource.Tags, name),
            ["", "v2", .. var name, "blobs", "uploads"] => Of(Resource.Uploads, name),
            ["", "v2", .. var name, "blobs", "uploads", ""] => Of(Resource.Uploads, name),
            ["", "v2", .. var name, "blobs", "uploads", var session] => Of(Resource.Upload, name, session),
            ["", "v2", .. var name, "blobs", var digest] => Of(Resource.Blob, name, digest),
            ["", "v2", .. var name, "manifests", var reference] => Of(Resource.Manifest, name, reference),
            ["", "v2", .. var name, "referrers", var digest] => Of(Resource.Referrers, name, digest),
            _ => Nothing,
        };
    }

    private static Route Of(Resource resource, string[] parts, string argument = "")
    {
        var name = string.Join('/', parts);
        return parts.Length > 0 && !parts.Any(part => part.Contains('/')) && ImageReference.IsRepository(name) && !parts.Any(RepositoryFolder.IsReserved)
            ? new Route(resource, name, argument)
            : throw RefusedException.NameInvalid(name);
    }
}
