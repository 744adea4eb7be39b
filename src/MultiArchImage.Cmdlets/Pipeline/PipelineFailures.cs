using System.Collections;
using System.Management.Automation;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>
/// Whether a command of this module failed on an image while a pipeline ran: <c>$Error</c> knows. A push that failed upstream leaves no
/// object behind, and what is joined of the rest would lack a platform that the name had before.
/// </summary>
internal sealed class PipelineFailures
{
    private readonly ArrayList _errors;
    private readonly object? _last;

    private PipelineFailures(ArrayList errors) => (_errors, _last) = (errors, errors.Count > 0 ? errors[0] : null);

    /// <summary>Watches from now on.</summary>
    public static PipelineFailures Watch(PSCmdlet cmdlet) => new(cmdlet.SessionState.PSVariable.GetValue("global:Error") as ArrayList ?? []);

    /// <summary>Fails where an image failed and did not come after all.</summary>
    /// <param name="arrived">The references that came.</param>
    /// <exception cref="PipelineIncompleteException">One did not.</exception>
    public void ThrowIfAny(IReadOnlyCollection<string> arrived)
    {
        if (Missing(arrived) is { Count: > 0 } failed)
            throw new PipelineIncompleteException(failed);
    }

    /// <summary>The images that failed and did not come after all.</summary>
    /// <param name="arrived">The references that came.</param>
    public IReadOnlyList<string> Missing(IReadOnlyCollection<string> arrived) =>
        [.. Since().Where(error => error.Exception is ImageException && !arrived.Contains($"{error.TargetObject}")).Select(error => $"{error.TargetObject}").Distinct()];

    // The newest come first.
    private IEnumerable<ErrorRecord> Since() => _errors.ToArray().TakeWhile(error => !ReferenceEquals(error, _last)).OfType<ErrorRecord>();
}
