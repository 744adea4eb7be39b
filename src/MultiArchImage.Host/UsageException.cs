namespace MultiArchImage.Host;

/// <summary>The command line cannot be followed; the message says why.</summary>
internal sealed class UsageException(string message) : Exception(message);
