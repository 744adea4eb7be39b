namespace MultiArchImage.Oci.Activity;

/// <summary>
/// Where the work tells what it does. The cmdlets bring it to PowerShell's streams; nothing below them knows PowerShell.
/// May be called from any thread; a call never throws and never blocks for long.
/// </summary>
public interface IActivitySink
{
    /// <summary>One line of what is done, for <c>-Verbose</c>: a request with its status and time, a line of a build log.</summary>
    void Verbose(string line);

    /// <summary>Detail for <c>-Debug</c>; never a secret.</summary>
    void Debug(string line);

    /// <summary>What a user should know although the work goes on.</summary>
    void Warning(string message);

    /// <summary>How far one activity is.</summary>
    void Progress(ActivityProgress progress);
}
