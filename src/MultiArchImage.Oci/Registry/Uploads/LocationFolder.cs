namespace MultiArchImage.Oci.Registry.Uploads;

/// <summary>Where it is remembered in which repositories of registries blobs lie.</summary>
public static class LocationFolder
{
    /// <summary>The environment variable that names another folder, or turns the memory <c>off</c>.</summary>
    public const string Variable = "MULTIARCHIMAGE_BLOB_CACHE";

    /// <summary>
    /// The folder that the environment decides: what <see cref="Variable"/> says, else <c>multiarchimage/blobs</c> in the user's cache folder
    /// (<c>XDG_CACHE_HOME</c> or <c>~/.cache</c>; <c>LocalAppData</c> on Windows). Null where it is off, or the user has no home.
    /// </summary>
    public static string? FromEnvironment()
    {
        var wish = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(wish))
            return UserCache() is { } cache ? Path.Combine(cache, "multiarchimage", "blobs") : null;
        return wish.Equals("off", StringComparison.OrdinalIgnoreCase) || !Path.IsPathFullyQualified(wish) ? null : wish;
    }

    // XDG Base Directory Specification: a path that is not absolute counts as not set.
    private static string? UserCache()
    {
        if (OperatingSystem.IsWindows())
            return Existing(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData));
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } cache && Path.IsPathFullyQualified(cache))
            return cache;
        return Existing(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)) is { } home ? Path.Combine(home, ".cache") : null;
    }

    private static string? Existing(string folder) => folder.Length == 0 ? null : folder;
}
