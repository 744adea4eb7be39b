namespace MultiArchImage.Oci.Layers;

/// <summary>Paths inside an image: from the root, <c>/</c> between the parts, none at the ends; the root is empty.</summary>
internal static class ImagePath
{
    /// <summary>The path that a text means that stands in a folder; <c>..</c> leads nowhere at the root.</summary>
    public static string Resolve(string folder, string path)
    {
        var parts = new List<string>(path.StartsWith('/') ? [] : Parts(folder));
        foreach (var part in Parts(path))
        {
            if (part != "..")
                parts.Add(part);
            else if (parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
        }
        return string.Join('/', parts);
    }

    /// <summary>The folder of a path; empty for what lies at the root.</summary>
    public static string Folder(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    /// <summary>The last part of a path.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>The folders above a path, from the root: the root, <c>usr</c> and <c>usr/bin</c> of <c>usr/bin/env</c>.</summary>
    public static IEnumerable<string> Above(string path)
    {
        yield return "";
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }

    private static IEnumerable<string> Parts(string path) => path.Split('/').Where(part => part is not ("" or "."));
}
