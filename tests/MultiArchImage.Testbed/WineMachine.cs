using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace MultiArchImage.Testbed;

/// <summary>
/// The Linux machine that Wine runs on, for tests that run as a Windows program: its programs are started through Wine's <c>start /unix</c>, which hands
/// on neither streams nor exit codes. These go through files.
/// </summary>
internal static partial class WineMachine
{
    private const int InternalError = 1359;
    private const int Attempts = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(1);

    // Wine's folder, as Linux names it: tests/platforms/run.sh says which.
    private static readonly string Prefix = Environment.GetEnvironmentVariable("MULTIARCHIMAGE_TEST_WINE") ?? "";

    /// <summary>Whether this process is one of Wine's.</summary>
    public static bool IsHere => Prefix.Length > 0;

    /// <summary>A text whose Windows paths are as Linux knows them: drive Z is the whole machine, drive C a folder of Wine's.</summary>
    public static string ToLinux(string text) => Drive().Replace(
        text, match => (match.Groups["drive"].Value is "Z" or "z" ? "" : $"{Prefix}/drive_c") + match.Groups["path"].Value.Replace('\\', '/'));

    /// <summary>Words of a command as a shell reads them, with their paths as Linux knows them.</summary>
    public static string Quote(params IEnumerable<string> words) =>
        string.Join(' ', words.Select(word => $"'{ToLinux(word).Replace("'", @"'\''", StringComparison.Ordinal)}'"));

    /// <summary>Starts a shell script, and returns.</summary>
    public static void Run(TemporaryFolder folder, string name, string script)
    {
        using var starter = Start(new ProcessStartInfo("start.exe", ["/unix", "/bin/sh", ToLinux(folder.Write(name, script.ReplaceLineEndings("\n")))]));
        starter.WaitForExit();
    }

    /// <summary>Runs a shell script to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunToEndAsync(TemporaryFolder folder, string script)
    {
        var (output, error, part, code) = (folder["out"], folder["err"], folder["part"], folder["code"]);
        File.Delete(code);
        Run(folder, "run.sh", $"({script}) < /dev/null > {Quote(output)} 2> {Quote(error)}\necho $? > {Quote(part)}\nmv {Quote(part)} {Quote(code)}\n");
        while (!File.Exists(code))
            await Task.Delay(Pause);
        return (int.Parse(await File.ReadAllTextAsync(code)), await File.ReadAllTextAsync(output), await File.ReadAllTextAsync(error));
    }

    // Wine that has much to do may fail to start a program, with ERROR_INTERNAL_ERROR. Nothing of it has run then.
    private static Process Start(ProcessStartInfo program)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Process.Start(program)!;
            }
            catch (Win32Exception e) when (e.NativeErrorCode == InternalError && attempt < Attempts)
            {
                Thread.Sleep(LongPause);
            }
        }
    }

    [GeneratedRegex(@"\b(?<drive>[A-Za-z]):(?<path>\\[^\s:,""'{}\[\]]*)")]
    private static partial Regex Drive();
}
