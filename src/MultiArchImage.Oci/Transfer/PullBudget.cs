using MultiArchImage.Oci.Stores;

namespace MultiArchImage.Oci.Transfer;

/// <summary>
/// The gate of registries that count pulls: what would need more of them than are left is refused before anything is pushed, so that nothing is
/// published half.
/// </summary>
internal static class PullBudget
{
    /// <summary>Holds what is needed of each place against what its registry said last.</summary>
    /// <param name="needs">How many manifests are to be read from which place.</param>
    /// <exception cref="PullBudgetException">A registry lets fewer be read.</exception>
    public static void Require(IEnumerable<(IImageStore Store, int Pulls)> needs)
    {
        foreach (var registry in needs.Where(need => need.Pulls > 0).GroupBy(need => need.Store.Place.Registry))
        {
            var needed = registry.Sum(need => need.Pulls);
            if (registry.First().Store is ICountedPulls { Allowance: { } allowance } && allowance.Remaining < needed)
                throw new PullBudgetException(registry.Key, needed, allowance);
        }
    }
}
