using System.Reflection;
using Xunit.v3;

namespace MultiArchImage.Testbed;

/// <summary>
/// What a test needs besides .NET: it is skipped where that is not there. It is the test's trait <c>Needs</c>, too, by which tests are left out.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method, AllowMultiple = true)]
public sealed class NeedsAttribute(Part part) : BeforeAfterTestAttribute, ITraitAttribute
{
    // What xunit.v3 knows a test by that finds out on its way that it cannot run.
    private const string SkipToken = "$XunitDynamicSkip$";

    /// <summary>What it needs.</summary>
    public Part Part => part;

    /// <inheritdoc/>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => TraitsOf(part);

    /// <inheritdoc/>
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (!Requirements.Has(part))
            throw new NotSupportedException($"{SkipToken}needs {part}, which is not here");
    }

    internal static IReadOnlyCollection<KeyValuePair<string, string>> TraitsOf(Part part) => [new("Needs", $"{part}")];
}
