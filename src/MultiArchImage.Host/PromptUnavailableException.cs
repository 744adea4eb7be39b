namespace MultiArchImage.Host;

/// <summary>A script asked a question that nobody can answer: the run is not interactive, or standard input is no terminal.</summary>
internal sealed class PromptUnavailableException(string question) : InvalidOperationException(
    $"{question} was asked for, and this run cannot ask: it is not interactive, or its input is no terminal. "
    + "Give the value as a parameter; -Confirm:$false and -Force answer confirmations.");
