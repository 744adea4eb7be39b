using MultiArchImage.Testbed.PowerShell;

namespace MultiArchImage.Testbed.Jenkins;

/// <summary>
/// An agent of Jenkins: a home, a workspace and an environment of its own, and <c>pwsh</c> on the PATH, which is the Host. It runs a step's script
/// with the command lines that Jenkins and its plugins give.
/// </summary>
public sealed class JenkinsAgent : IDisposable
{
    /// <summary>What makes a script one of PowerShell for the <c>shell</c> builder.</summary>
    public const string FirstLine = "#!/usr/bin/env -S pwsh -NoProfile -NonInteractive\n";

    /// <summary>In the shape of durable-task's <c>powershellHelper.ps1</c>: the log and the result go to files, and the exit code is the program's, or 1.</summary>
    private const string Helper = """
        function Execute-AndWriteOutput {
            [CmdletBinding()]
            param([string] $MainScript, [string] $LogFile, [string] $ResultFile)
            $exitCode = 0
            $failure = $null
            $log = [IO.StreamWriter]::new($LogFile)
            try {
                & { & $MainScript } *>&1 | ForEach-Object { $log.WriteLine("$_") }
            } catch {
                $failure = $_
                $log.WriteLine("$_")
            } finally {
                if ($LASTEXITCODE) { $exitCode = $LASTEXITCODE } elseif ($failure) { $exitCode = 1 }
                [IO.File]::WriteAllText($ResultFile, $exitCode)
                $log.Dispose()
                exit $exitCode
            }
        }
        """;

    private readonly HostProcess _host = new();
    private readonly TemporaryFolder _folder = new();
    private int _steps;

    public JenkinsAgent()
    {
        foreach (var folder in new[] { "bin", "workspace" })
            Directory.CreateDirectory(_folder[folder]);
        File.CreateSymbolicLink(_folder["bin", "pwsh"], HostProcess.Program);
        Environment["PATH"] = $"{_folder["bin"]}{Path.PathSeparator}{System.Environment.GetEnvironmentVariable("PATH")}";
        Environment["WORKSPACE"] = Workspace;
        Environment["NO_COLOR"] = "1";
        _host.WorkingFolder = Workspace;
    }

    /// <summary>The home folder of the user that the agent runs as.</summary>
    public string Home => _host.Home.Path;

    /// <summary>The workspace of the job, in which its steps run.</summary>
    public string Workspace => _folder["workspace"];

    /// <summary>Variables of the steps, besides those of the test.</summary>
    public IDictionary<string, string?> Environment => _host.Environment;

    /// <summary>Runs a script to its end.</summary>
    public Task<StepResult> RunAsync(StepKind kind, string script) => kind switch
    {
        StepKind.Pipeline => RunPipelineAsync(script),
        StepKind.PowerShell => RunFreestyleAsync(["pwsh", "-NonInteractive", "-NoProfile", "-File"], "ps1", $"{script}\nexit $LastExitCode"),
        _ => RunShellAsync(script.StartsWith("#!", StringComparison.Ordinal) ? script : FirstLine + script),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _host.Dispose();
        _folder.Dispose();
    }

    // PowershellScript.scriptLauncherCmd and generateScriptWrapper of durable-task.
    private async Task<StepResult> RunPipelineAsync(string script)
    {
        var step = $"durable-{Interlocked.Increment(ref _steps)}";
        var file = _folder.Write($"{step}/powershellScript.ps1", $"{script}\r\nexit $LASTEXITCODE");
        var wrapper = _folder.Write(
            $"{step}/powershellWrapper.ps1",
            $"[CmdletBinding()]\r\nparam()\r\n& pwsh -NoProfile -NonInteractive -Command '& {{try {{& ''{file}''}} catch {{throw}}; exit $LASTEXITCODE}}'\r\nexit $LASTEXITCODE");
        var helper = _folder.Write($"{step}/powershellHelper.ps1", Helper);
        var (log, result) = (_folder[step, "jenkins-log.txt"], _folder[step, "jenkins-result.txt"]);
        var outer = await _host.RunProgramAsync(
            ["pwsh", "-NoProfile", "-NonInteractive", "-Command", $". '{helper}'; Execute-AndWriteOutput -MainScript '{wrapper}' -LogFile '{log}' -ResultFile '{result}';"]);
        return File.Exists(result)
            ? new StepResult(int.Parse(await File.ReadAllTextAsync(result)), outer.Output + outer.Error + await File.ReadAllTextAsync(log))
            : throw new InvalidOperationException($"The wrapper of the step ended with {outer.ExitCode} and left no result: {outer.Output}{outer.Error}");
    }

    // Shell.buildCommandLine of Jenkins: the words of the first line, without the shell that would expand them, and the file.
    private Task<StepResult> RunShellAsync(string script) =>
        RunFreestyleAsync(script[2..script.IndexOf('\n', StringComparison.Ordinal)].Split(' ', StringSplitOptions.RemoveEmptyEntries), "sh", script);

    private async Task<StepResult> RunFreestyleAsync(string[] interpreter, string extension, string script)
    {
        var file = _folder.Write($"jenkins-{Interlocked.Increment(ref _steps)}.{extension}", script);
        // Jenkins reads both streams from one pipe.
        var result = await _host.RunProgramAsync(["sh", "-c", "exec \"$@\" 2>&1", "jenkins", .. interpreter, file]);
        return new StepResult(result.ExitCode, result.Output);
    }
}
