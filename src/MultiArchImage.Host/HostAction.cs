namespace MultiArchImage.Host;

/// <summary>What one run of the Host is asked to do.</summary>
internal enum HostAction
{
    /// <summary>Print how to call the Host.</summary>
    Help,

    /// <summary>Print the versions of the Host and of its engine.</summary>
    Version,

    /// <summary>Run a script file or text.</summary>
    Run,
}
