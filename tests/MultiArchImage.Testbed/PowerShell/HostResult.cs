namespace MultiArchImage.Testbed.PowerShell;

/// <summary>How a run of the Host ended, and what it printed.</summary>
public sealed record HostResult(int ExitCode, string Output, string Error);
