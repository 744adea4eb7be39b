using System.Management.Automation;

namespace MultiArchImage.Cmdlets.Pipeline;

/// <summary>
/// Whether a command will be asked about what it does. <c>ShouldProcess</c> takes the finished text, and a full plan can cost requests that only
/// somebody who reads it should pay for.
/// </summary>
internal static class PlanQuestion
{
    /// <summary>For the pipeline thread: reads the parameters and the preference variables behind them.</summary>
    public static bool IsAsked(PSCmdlet cmdlet) =>
        (IsOn(cmdlet, "WhatIf") ?? LanguagePrimitives.IsTrue(cmdlet.SessionState.PSVariable.GetValue("WhatIfPreference")))
        || (IsOn(cmdlet, "Confirm") ?? ConfirmsByPreference(cmdlet));

    private static bool? IsOn(PSCmdlet cmdlet, string parameter) =>
        cmdlet.MyInvocation.BoundParameters.TryGetValue(parameter, out var value) ? LanguagePrimitives.IsTrue(value) : null;

    // No cmdlet of this module says that it is more, or less, than of medium impact.
    private static bool ConfirmsByPreference(PSCmdlet cmdlet) =>
        cmdlet.SessionState.PSVariable.GetValue("ConfirmPreference") is ConfirmImpact and not ConfirmImpact.None and <= ConfirmImpact.Medium;
}
