namespace MultiArchImage.Testbed;

/// <summary>
/// What a test stands on and not every platform has. <c>tests/platforms/run.sh</c> names the parts that a platform lacks, leaves out the tests that need
/// them, and tells how many these are.
/// </summary>
public enum Part
{
    /// <summary>A Docker Engine, content for its images, and the registry.</summary>
    Engine,

    /// <summary>Other programs for images, to compare with or to read what was written: docker, podman, skopeo, crane, oras, docker-buildx.</summary>
    Peers,

    /// <summary><c>docker-registry</c>.</summary>
    Registry,

    /// <summary>The program <c>git</c>.</summary>
    Git,

    /// <summary>A server of .NET's HttpListener. On Windows that is http.sys; Wine has a part of it, which breaks the memory of who uses it.</summary>
    HttpListener,

    /// <summary>Keys that the test makes itself. Wine's CNG makes none.</summary>
    Keys,

    /// <summary>Files with modes, pipes, and links that anybody may make. Windows has none of these.</summary>
    UnixFiles,

    /// <summary>A program that is a shell script, or is sent a signal. Windows starts only its own, and has no signals.</summary>
    UnixProcesses,

    /// <summary>Windows: drives, shares, programs that are found by their extension.</summary>
    Windows,

    /// <summary>Time: a test that measures it, or does so much that an emulated processor takes minutes.</summary>
    Speed,
}
