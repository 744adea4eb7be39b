namespace MultiArchImage.Testbed.Jenkins;

/// <summary>The ways in which Jenkins starts PowerShell.</summary>
public enum StepKind
{
    /// <summary>The <c>pwsh</c> step of pipelines: a wrapper in one process, and the script in a second one that it starts.</summary>
    Pipeline,

    /// <summary>The <c>powershell</c> builder of freestyle jobs: <c>-File</c>, with <c>exit $LastExitCode</c> behind the script.</summary>
    PowerShell,

    /// <summary>The <c>shell</c> builder of freestyle jobs: what the script's first line names, with a file whose name ends with <c>.sh</c>.</summary>
    Shell,
}
