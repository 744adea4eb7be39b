using System.Globalization;

namespace MultiArchImage;

/// <summary>No Docker Engine answers.</summary>
public sealed class EngineUnavailableException(string endpoint, string source, string reason, Exception? innerException = null)
    : ImageException(
        $"no Docker Engine answers at {endpoint} ({source}): {reason}",
        "start it, give -DockerHost, or build without one with -Output oci:PATH", innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Unavailable;
}

/// <summary>The Docker Engine refused something.</summary>
public sealed class EngineErrorException(string action, string reason, Exception? innerException = null)
    : ImageException($"the Docker Engine could not {action}: {reason}", null, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Failed;
}

/// <summary>A name in the engine is another image's by now than the one that was built under it.</summary>
public sealed class EngineTagMovedException(string reference, string built, string? held)
    : ImageException(
        $"{reference} in the Docker Engine {(held is null ? "is gone" : $"holds {held} by now")}, not {built} that was built; it was not published as that",
        "give builds that run on one engine at the same time tags of their own, as with a suffix for each run")
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Exists;
}

/// <summary>A step of a Dockerfile failed.</summary>
public sealed class BuildFailedException(string reference, string step, string reason, IReadOnlyList<string> log)
    : ImageException(
        $"building {reference} failed at {step}: {reason}"
        + (log.Count == 0 ? "" : $"{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", log)}"))
{
    /// <summary>The step, as the Dockerfile has it.</summary>
    public string Step => step;

    /// <summary>The last lines that the step printed.</summary>
    public IReadOnlyList<string> Log => log;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.Failed;
}

/// <summary>A Dockerfile is malformed, or needs what cannot be done here.</summary>
public sealed class DockerfileException(string file, int line, string reason, string? remedy = null)
    : ImageException(string.Create(CultureInfo.InvariantCulture, $"{file}:{line}: {reason}"), remedy)
{
    /// <summary>The line, from 1.</summary>
    public int Line => line;

    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidData;
}

/// <summary>A build context is not there, or names something outside of it.</summary>
public sealed class BuildContextException(string path, string reason, string? remedy = null, Exception? innerException = null)
    : ImageException($"the build context {path} {reason}", remedy, innerException)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.InvalidArgument;
}

/// <summary>A method or template does not come to a tag.</summary>
public sealed class TagUnresolvedException(string method, string reason, string remedy) : ImageException($"no tag follows from {method}: {reason}", remedy)
{
    /// <inheritdoc/>
    public override FailureKind Kind => FailureKind.NotFound;
}
