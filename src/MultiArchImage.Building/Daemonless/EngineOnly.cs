namespace MultiArchImage.Building.Daemonless;

/// <summary>What needs an engine, and is refused before anything is done.</summary>
internal static class EngineOnly
{
    /// <exception cref="DockerfileException">The instruction needs an engine; the message says what to do instead.</exception>
    public static void Refuse(Instruction instruction)
    {
        switch (instruction.Keyword)
        {
            case "RUN":
                throw instruction.Error("RUN needs a Docker Engine", "build without -Output, or move the work before the build");
            case "ADD":
                throw instruction.Error("ADD may fetch and unpack, which needs a Docker Engine", "write COPY for files of the context, or build without -Output");
            case "HEALTHCHECK" or "ONBUILD":
                throw instruction.Error($"{instruction.Keyword} is of Docker's own image format", "leave it out, or build without -Output");
        }
        if (instruction.HasHeredoc)
            throw instruction.Error($"{instruction.Keyword} with a here-document needs a Docker Engine", "put the text into a file of the context");
    }
}
