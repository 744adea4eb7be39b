using System.Globalization;

namespace MultiArchImage.Building.Daemonless;

/// <summary>Makes numbers of <c>--chown=user[:group]</c>; names are those of the image's <c>/etc/passwd</c> and <c>/etc/group</c>.</summary>
internal static class Owners
{
    private const int NumberField = 2;

    /// <summary>The owner; a missing group is the user's number (Dockerfile reference: COPY --chown).</summary>
    /// <exception cref="DockerfileException">The image does not know the name.</exception>
    public static async Task<Owner> ResolveAsync(
        string text, FileTree tree, Workspace workspace, Instruction instruction, CancellationToken cancel)
    {
        var colon = text.IndexOf(':');
        var user = await NumberAsync(colon < 0 ? text : text[..colon], "etc/passwd").ConfigureAwait(false);
        return new Owner(user, colon < 0 ? user : await NumberAsync(text[(colon + 1)..], "etc/group").ConfigureAwait(false));

        async Task<int> NumberAsync(string name, string file)
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
            var lines = await workspace.ReadLinesAsync(tree, file, cancel).ConfigureAwait(false);
            var fields = lines.Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > NumberField && fields[0] == name && name.Length > 0);
            return fields is not null && int.TryParse(fields[NumberField], NumberStyles.None, CultureInfo.InvariantCulture, out number)
                ? number
                : throw instruction.Error($"the image's /{file} has no '{name}'", "write its number, like --chown=1000:1000");
        }
    }
}
