using System.Collections;
using MultiArchImage.Oci.Model;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>Offers platforms: this machine's first, then those that images are published for. <c>arm</c> finds <c>linux/arm64</c>, too.</summary>
public sealed class PlatformCompleter : Completer
{
    private static readonly string[] Published =
    [
        $"{Platform.Local}", "linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/386", "linux/ppc64le", "linux/riscv64", "linux/s390x",
        "linux/loong64", "windows/amd64", "windows/arm64",
    ];

    private protected override IEnumerable<string> Find(string word, IDictionary bound, CancellationToken cancel) =>
        Published.Where(platform => platform.StartsWith(word, StringComparison.OrdinalIgnoreCase)
            || platform.Contains($"/{word}", StringComparison.OrdinalIgnoreCase));
}
