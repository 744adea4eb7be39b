using MultiArchImage.Oci.Model;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Oci.Registry.Mirrors;

/// <summary>The mirrors of Docker Hub that Docker's <c>daemon.json</c> names: <c>"registry-mirrors": ["https://mirror.example.com"]</c>.</summary>
public static class DaemonMirrors
{
    private const int MaximumSize = 1024 * 1024;

    /// <summary>The files where the engine looks, for users and for the machine.</summary>
    public static IReadOnlyList<string> Files { get; } = OperatingSystem.IsWindows()
        ? [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "docker", "config", "daemon.json")]
        : [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config", "docker", "daemon.json"), "/etc/docker/daemon.json"];

    /// <summary>The mirrors of the first file that is there.</summary>
    /// <exception cref="MirrorSettingsException">The file cannot be read.</exception>
    public static IReadOnlyList<RegistryMirror> Read(IEnumerable<string> files)
    {
        if (files.FirstOrDefault(File.Exists) is not { } file)
            return [];
        try
        {
            if (new FileInfo(file).Length > MaximumSize)
                throw new MirrorSettingsException(file, $"is larger than {MaximumSize} bytes");
            return [.. Json.ParseObject(File.ReadAllBytes(file), file).Texts("registry-mirrors").Select(mirror => Parse(mirror, file))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidImageException)
        {
            throw new MirrorSettingsException(file, $"cannot be read: {e.Message}", e);
        }
    }

    private static RegistryMirror Parse(string mirror, string file) =>
        Uri.TryCreate(mirror, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            ? new RegistryMirror(ImageReference.DockerHub, address.Authority, address.AbsolutePath.Trim('/')) { PlainHttp = address.Scheme == Uri.UriSchemeHttp }
            : throw new MirrorSettingsException(file, $"names a mirror {mirror}, which is no address like https://mirror.example.com");
}
