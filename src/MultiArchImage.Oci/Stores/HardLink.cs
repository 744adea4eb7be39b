using System.Runtime.InteropServices;

namespace MultiArchImage.Oci.Stores;

/// <summary>A second name of a file, for content that never changes and is too large to copy.</summary>
internal static partial class HardLink
{
    /// <summary>Gives a file a second name; false where that is taken, or the file system has no such names across these folders.</summary>
    /// <param name="file">The file, absolute.</param>
    /// <param name="name">The second name, absolute.</param>
    public static bool TryCreate(string file, string name) =>
        OperatingSystem.IsWindows() ? CreateHardLink(name, file, security: 0) : Link(file, name) == 0;

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string file, string name);

    [LibraryImport("kernel32.dll", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string name, string file, nint security);
}
