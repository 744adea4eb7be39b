using System.Globalization;

namespace MultiArchImage.Testbed.Registries;

/// <summary>The head of a request that a <see cref="FaultProxy"/> got.</summary>
internal sealed record ProxyRequest(string Method, string Path, IReadOnlyList<(string Name, string Value)> Headers)
{
    /// <summary>How many bytes follow the head.</summary>
    public int Length => int.Parse(Header("Content-Length") ?? "0", CultureInfo.InvariantCulture);

    public static ProxyRequest Parse(string head)
    {
        var lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var start = lines[0].Split(' ');
        return new ProxyRequest(start[0], start[1], [.. lines.Skip(1).Select(line => line.Split(':', 2)).Select(parts => (parts[0], parts[1].Trim()))]);
    }

    public string? Header(string name) =>
        Headers.FirstOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The same request, to be sent to the registry as if it were the proxy.</summary>
    public HttpRequestMessage ToMessage(byte[] body, string host)
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), Path);
        if (Header("Content-Length") is not null)
            message.Content = new ByteArrayContent(body);
        foreach (var (name, value) in Headers.Where(header => header.Name is not ("Host" or "Connection" or "Content-Length" or "Authorization")))
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
        }
        message.Headers.Host = host;
        return message;
    }
}
