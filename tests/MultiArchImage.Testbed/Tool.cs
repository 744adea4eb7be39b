using System.Diagnostics;

namespace MultiArchImage.Testbed;

/// <summary>Runs a program of this machine: the independent witnesses, and what the testbed itself needs.</summary>
public static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Whether a program is on the PATH; the sbin folders count, as for root.</summary>
    public static bool Exists(string name) => Find(name) is not null;

    /// <summary>Runs a program to its end and returns what it printed; a bad exit code is an error with both streams.</summary>
    public static async Task<string> RunAsync(string name, params string[] arguments)
    {
        var (exitCode, output, error) = await TryRunAsync(name, arguments);
        return exitCode == 0
            ? output
            : throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}{error}");
    }

    /// <summary>Runs a program to its end.</summary>
    public static Task<(int ExitCode, string Output, string Error)> TryRunAsync(string name, params string[] arguments) =>
        TryRunAsync(name, new Dictionary<string, string>(), arguments);

    /// <summary>Runs a program to its end, with variables besides those of the test.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> TryRunAsync(
        string name, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        if (WineMachine.IsHere)
        {
            using var folder = new TemporaryFolder();
            return await WineMachine.RunToEndAsync(folder, $"env {WineMachine.Quote(environment.Select(variable => $"{variable.Key}={variable.Value}"))} {WineMachine.Quote([name, .. arguments])}")
                .WaitAsync(Limit);
        }
        var start = new ProcessStartInfo(Find(name) ?? throw new InvalidOperationException($"{name} is not installed"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{name} {string.Join(' ', arguments)} did not end within {Limit}");
        }
    }

    /// <summary>The full path of a program, which may be one already; null where it is not installed. Under Wine these are the programs of Linux beneath.</summary>
    public static string? Find(string name) => WineMachine.IsHere
        ? new[] { @"Z:\usr\local\bin", @"Z:\usr\bin", @"Z:\bin", @"Z:\usr\sbin", @"Z:\sbin" }.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Concat(["/usr/sbin", "/sbin"])
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
