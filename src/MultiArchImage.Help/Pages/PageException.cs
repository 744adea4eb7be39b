namespace MultiArchImage.Help.Pages;

/// <summary>A page is not as the build needs it.</summary>
public sealed class PageException(string message) : Exception(message);
