namespace MultiArchImage.Host;

/// <summary>The exit codes that the Host itself gives; a script's own come from <c>exit</c>.</summary>
internal static class ExitCode
{
    internal const int Success = 0;

    /// <summary>A terminating error ended the script.</summary>
    internal const int Failure = 1;

    /// <summary>The command line cannot be followed: <c>pwsh</c> ends with the same.</summary>
    internal const int WrongUsage = 64;

    /// <summary>Ended by Ctrl+C: 128 and the number of SIGINT, as shells report it.</summary>
    internal const int Interrupted = 130;
}
