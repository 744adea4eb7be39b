namespace MultiArchImage.Host;

/// <summary>The process exit codes that do not come from a script's own <c>exit N</c>; the same as those of <c>pwsh</c>.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>A terminating error.</summary>
    public const int Failure = 1;

    /// <summary>The arguments make no sense (<c>EX_USAGE</c> of sysexits.h).</summary>
    public const int BadCommandLine = 64;

    /// <summary>Ended by Ctrl+C: 128 and the number of SIGINT, as shells count.</summary>
    public const int Interrupted = 130;
}
