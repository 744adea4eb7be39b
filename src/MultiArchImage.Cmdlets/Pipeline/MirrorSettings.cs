using System.Runtime.CompilerServices;
using MultiArchImage.Building.Mirrors;
using MultiArchImage.Oci.Registry.Mirrors;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>The mirrors that this machine's settings name: those of <c>registries.conf</c>, then Docker's own of Docker Hub.</summary>
internal static class MirrorSettings
{
    private const string Variable = "CONTAINERS_REGISTRIES_CONF";

    /// <exception cref="MirrorSettingsException">A file of settings cannot be read.</exception>
    public static MirrorList Read()
    {
        var files = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? new[] { given } : Files();
        var conf = Array.Find(files, File.Exists) is { } file && NamesMirrors(file) ? ReadConf(file) : [];
        return new MirrorList([.. conf, .. DaemonMirrors.Read(DaemonMirrors.Files)]);
    }

    private static string[] Files() => OperatingSystem.IsWindows()
        ? []
        : [Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config", "containers", "registries.conf"), "/etc/containers/registries.conf"];

    // Distributions ship the file with nothing but comments: what reads it is not loaded for these.
    private static bool NamesMirrors(string file)
    {
        try
        {
            return File.ReadLines(file).Any(line => !line.TrimStart().StartsWith('#') && line.Contains("mirror", StringComparison.Ordinal));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MirrorSettingsException(file, $"cannot be read: {e.Message}", e);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IReadOnlyList<RegistryMirror> ReadConf(string file) => RegistriesConf.Read(file);
}
