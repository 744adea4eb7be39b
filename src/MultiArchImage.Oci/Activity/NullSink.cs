namespace MultiArchImage.Oci.Activity;

/// <summary>A sink for those who do not want to know.</summary>
public sealed class NullSink : IActivitySink
{
    private NullSink()
    {
    }

    /// <summary>The only one.</summary>
    public static NullSink Instance { get; } = new();

    /// <inheritdoc/>
    public void Verbose(string line)
    {
    }

    /// <inheritdoc/>
    public void Debug(string line)
    {
    }

    /// <inheritdoc/>
    public void Warning(string message)
    {
    }

    /// <inheritdoc/>
    public void Progress(ActivityProgress progress)
    {
    }
}
