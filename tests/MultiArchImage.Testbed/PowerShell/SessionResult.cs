using System.Management.Automation;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>What a script left on its streams.</summary>
/// <remarks>Texts come without the <c>WARNING:</c>, <c>VERBOSE:</c> and <c>DEBUG:</c> that hosts put before them.</remarks>
/// <param name="Output">The objects it returned.</param>
/// <param name="Errors">Its non-terminating errors.</param>
/// <param name="TerminatingError">The error that ended it; null where it came to its end or was stopped.</param>
/// <param name="WasStopped">Whether <see cref="PowerShellSession.StopAsync"/> ended it.</param>
/// <param name="Warnings">The texts of its warnings.</param>
/// <param name="Verbose">The texts of its verbose stream.</param>
/// <param name="Debug">The texts of its debug stream.</param>
/// <param name="Progress">All it told of its progress.</param>
/// <param name="Information">All it told as information.</param>
public sealed record SessionResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    ErrorRecord? TerminatingError,
    bool WasStopped,
    IReadOnlyList<string> Warnings,
    IReadOnlyList<string> Verbose,
    IReadOnlyList<string> Debug,
    IReadOnlyList<ProgressRecord> Progress,
    IReadOnlyList<InformationRecord> Information)
{
    /// <summary>The first error of either kind.</summary>
    public ErrorRecord? Error => Errors.Count > 0 ? Errors[0] : TerminatingError;

    /// <summary>The same result; a script that reported an error fails the test with it.</summary>
    public SessionResult OrThrow() => Error is { } error
        ? throw new InvalidOperationException($"The script failed: {error.FullyQualifiedErrorId}: {error}", error.Exception)
        : this;
}
