using System.Runtime.InteropServices;

namespace MultiArchImage.Host;

/// <summary>Whether the terminal understands escape sequences: colors and the erasing of a line.</summary>
internal static partial class TerminalEscapes
{
    private const int StandardOutput = -11;
    private const uint EnableVirtualTerminalProcessing = 0x0004;

    /// <summary>True for terminals of Linux and macOS but <c>TERM=dumb</c>; for a console of Windows that could be told to.</summary>
    internal static bool AreUnderstood { get; } = OperatingSystem.IsWindows()
        ? Enable()
        : Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    /// <summary>A console of Windows prints escapes as text unless asked (Console Virtual Terminal Sequences).</summary>
    private static bool Enable()
    {
        var console = GetStdHandle(StandardOutput);
        return GetConsoleMode(console, out var mode) && SetConsoleMode(console, mode | EnableVirtualTerminalProcessing);
    }

    [LibraryImport("kernel32.dll")]
    private static partial nint GetStdHandle(int standardHandle);

    [LibraryImport("kernel32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetConsoleMode(nint console, out uint mode);

    [LibraryImport("kernel32.dll")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool SetConsoleMode(nint console, uint mode);
}
