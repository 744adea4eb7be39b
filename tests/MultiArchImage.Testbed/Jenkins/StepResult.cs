namespace MultiArchImage.Testbed.Jenkins;

/// <summary>How a step ended, and what it left in the log of the job.</summary>
/// <param name="ExitCode">Zero is a good step.</param>
/// <param name="Log">All that it printed, in the order in which it came.</param>
public sealed record StepResult(int ExitCode, string Log);
