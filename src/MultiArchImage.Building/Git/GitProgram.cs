using System.ComponentModel;
using System.Diagnostics;

namespace MultiArchImage.Building.Git;

/// <summary>Runs the program git, which never asks anybody for anything.</summary>
internal static class GitProgram
{
    // How long a server may say nothing. What it sends may take its time: repositories are large.
    private const string SilentSeconds = "60";

    /// <summary>Runs git to its end in a folder.</summary>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public static async Task<GitResult> RunAsync(string folder, IEnumerable<string> arguments, CancellationToken cancel)
    {
        using var process = Start(folder, arguments);
        process.StandardInput.Close();
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var error = await process.StandardError.ReadToEndAsync(cancel).ConfigureAwait(false);
            var text = await output.ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            return new GitResult(process.ExitCode == 0, text, error.Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private static Process Start(string folder, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GCM_INTERACTIVE"] = "never";
        start.Environment.TryAdd("GIT_SSH_COMMAND", $"ssh -o BatchMode=yes -o ConnectTimeout={SilentSeconds} -o ServerAliveInterval={SilentSeconds}");
        start.Environment.TryAdd("GIT_HTTP_LOW_SPEED_LIMIT", "1");
        start.Environment.TryAdd("GIT_HTTP_LOW_SPEED_TIME", SilentSeconds);
        return Process.Start(start)!;
    }
}

/// <summary>What git came to.</summary>
/// <param name="Succeeded">Whether it ended with 0.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it complained of.</param>
internal sealed record GitResult(bool Succeeded, string Output, string Error);
