using System.Diagnostics;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>
/// The built Host as a process of its own: what a person at a shell or a CI job gets. Its home is a folder of its own, so that no test
/// sees or changes the credentials of whoever runs it.
/// </summary>
public sealed class HostProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _home = new();
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private HostProcess(ProcessStartInfo start)
    {
        start.Environment["HOME"] = _home.Path;
        _process = Process.Start(start)!;
        _process.StandardInput.Close();
        _output = _process.StandardOutput.ReadToEndAsync();
        _error = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts the Host and returns while it runs.</summary>
    /// <param name="workingFolder">The folder it starts in.</param>
    /// <param name="environment">Variables beside those of this process; null takes one away.</param>
    /// <param name="arguments">As for <c>pwsh</c>.</param>
    public static HostProcess Start(string workingFolder, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.HostAssembly, .. arguments])
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        return new HostProcess(start);
    }

    /// <summary>Runs the Host to its end.</summary>
    public static async Task<HostResult> RunAsync(
        string workingFolder, IReadOnlyDictionary<string, string?>? environment, params string[] arguments)
    {
        using var process = Start(workingFolder, environment, arguments);
        return await process.WaitAsync();
    }

    /// <summary>Waits for the Host's end.</summary>
    /// <exception cref="TimeoutException">It has not ended within two minutes.</exception>
    public async Task<HostResult> WaitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return new HostResult(_process.ExitCode, await _output, await _error);
    }

    /// <summary>Does what Ctrl+C does.</summary>
    public void Interrupt() => Signal("INT");

    /// <summary>Asks it to end, as a CI server does on an abort.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>Ends the Host where it still runs.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        _home.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-s", name, $"{_process.Id}"]);
        kill.WaitForExit();
    }
}
