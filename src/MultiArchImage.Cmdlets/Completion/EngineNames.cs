using MultiArchImage.Building.Engine;
using MultiArchImage.Oci.Activity;
using MultiArchImage.Oci.Naming;

namespace MultiArchImage.Cmdlets.Completion;

/// <summary>What the engine knows. Like <see cref="Pipeline.BuildingServices"/>, it is the use of this class that loads what talks to one.</summary>
internal static class EngineNames
{
    private static readonly ReferencePattern All = ReferencePattern.Parse("*:*");

    /// <summary>The names of its images.</summary>
    public static async Task<IReadOnlyList<string>> ListAsync(string? dockerHost, CancellationToken cancel)
    {
        using var connection = new EngineConnection(dockerHost, NullSink.Instance);
        var engine = await connection.OpenAsync(cancel).ConfigureAwait(false);
        var names = new List<string>();
        await foreach (var image in engine.ListAsync(All, cancel).ConfigureAwait(false))
            names.Add(image.Reference);
        return names;
    }

    /// <summary>The addresses of engines that Docker's contexts have.</summary>
    public static IReadOnlyList<string> ListAddresses() => EngineContexts.ListAddresses();
}
