using System.Diagnostics;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>Runs the built Host as a process of its own, with a home folder of its own, so that no user's settings, caches or logins count.</summary>
public sealed class HostProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Variables that would lead out of the home folder.</summary>
    private static readonly string[] Foreign = ["DOCKER_CONFIG", "DOCKER_HOST", "DOCKER_CONTEXT", "PSModulePath", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"];

    /// <summary>The program that runs programs of this one's processor, where the machine is of another: <c>qemu-aarch64-static</c>.</summary>
    private static readonly string? Emulator = System.Environment.GetEnvironmentVariable("MULTIARCHIMAGE_TEST_EMULATOR");

    private readonly TemporaryFolder _home = new();

    /// <summary>The program.</summary>
    public static string Program { get; } = Repository.Host();

    /// <summary>The folder of the module that the Host brings.</summary>
    public static string ModuleFolder { get; } = Directory.GetDirectories(
        Path.Combine(Path.GetDirectoryName(Program)!, "Modules", "MultiArchImage")).Single();

    /// <summary>The home folder.</summary>
    public TemporaryFolder Home => _home;

    /// <summary>Where it runs; the home folder where a test sets none.</summary>
    public string? WorkingFolder { get; set; }

    /// <summary>Variables the process gets besides those of the test.</summary>
    public IDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>();

    /// <summary>The PowerShell that runs: the Host, or another that takes a script and its arguments as the Host does.</summary>
    public string Shell { get; init; } = Program;

    /// <summary>Standard input; empty where a test sets none. It is never a terminal.</summary>
    public string Input { get; set; } = "";

    /// <summary>Runs the Host to its end in the home folder.</summary>
    public Task<HostResult> RunAsync(params string[] arguments) => RunProgramAsync([.. ShellCommand, .. arguments]);

    /// <summary>Runs a program that starts the Host, with the Host's environment and folder, to its end.</summary>
    public async Task<HostResult> RunProgramAsync(IReadOnlyList<string> command)
    {
        using var process = StartProgram(command);
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.StandardInput.WriteAsync(Input);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return new HostResult(process.ExitCode, (await output).ReplaceLineEndings("\n"), (await error).ReplaceLineEndings("\n"));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"The Host did not end within {Limit}: {string.Join(' ', command)}");
        }
    }

    /// <summary>Starts the Host; whoever calls ends it.</summary>
    public Process Start(params string[] arguments) => StartProgram([.. ShellCommand, .. arguments]);

    /// <summary>Starts a program as the Host is started; whoever calls ends it.</summary>
    public Process StartProgram(IReadOnlyList<string> command)
    {
        // A shell's background jobs ignore Ctrl+C, and so would all that they start: env takes that back, and becomes the Host.
        string[] program = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", .. command] : [.. command];
        var start = new ProcessStartInfo(program[0], program[1..])
        {
            WorkingDirectory = WorkingFolder ?? _home.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in Foreign)
            start.Environment.Remove(name);
        start.Environment["HOME"] = start.Environment["USERPROFILE"] = _home.Path;
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <inheritdoc/>
    public void Dispose() => _home.Dispose();

    private IEnumerable<string> ShellCommand => Emulator is null ? [Shell] : [Emulator, Shell];
}

/// <summary>How a run of the Host ended, and what it printed; lines end with a line feed on every platform.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record HostResult(int ExitCode, string Output, string Error);
