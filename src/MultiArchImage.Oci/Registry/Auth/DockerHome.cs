namespace MultiArchImage.Oci.Registry.Auth;

/// <summary>The folder that Docker's programs take for the user's home.</summary>
internal static class DockerHome
{
    /// <summary>
    /// <c>HOME</c>; on Windows <c>USERPROFILE</c>, which build servers set for a job to give it settings of its own, and which .NET does not ask there.
    /// </summary>
    public static string Folder =>
        OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("USERPROFILE") is { Length: > 0 } profile
            ? profile
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
}
