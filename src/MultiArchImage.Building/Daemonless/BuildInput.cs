using MultiArchImage.Oci.Model;

namespace MultiArchImage.Building.Daemonless;

/// <summary>What the stages of one build have in common.</summary>
/// <param name="Dockerfile">The Dockerfile.</param>
/// <param name="Platform">What is built for.</param>
/// <param name="Variables">The values of ARG.</param>
/// <param name="Context">The files that COPY sees, listed when one is needed.</param>
/// <param name="Folder">The folder of the context; paths of <c>oci:</c> references are relative to it.</param>
/// <param name="Activity">What the build is called in its progress.</param>
internal sealed record BuildInput(
    Dockerfile Dockerfile, Platform Platform, BuildVariables Variables, Lazy<FileTree> Context, string Folder, string Activity);
