using System.Xml.Linq;
using MultiArchImage.Testbed;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>Logins of jobs: from a Maven settings file, as the Linux Foundation's Jenkins provides it, and from bound credentials.</summary>
public sealed class LoginTests : IDisposable
{
    private const string Password = "a:b&c<d>é";

    private readonly HostProcess _host = new();

    public void Dispose() => _host.Dispose();

    [RegistryFact]
    public async Task A_settings_file_logs_in_to_several_ports_at_once()
    {
        await using var one = await RegistryProcess.StartWithPasswordAsync("snapshot", Password);
        await using var other = await RegistryProcess.StartWithPasswordAsync("staging", "of the other");
        WriteSettings((one.Host, "snapshot", Password), ($"{other.Host}-nexus", "staging", "of the other"), ("127.0.0.1", "nobody", "nothing"));
        var ports = $"{one.Host.Split(':')[1]} {other.Host.Split(':')[1]}";
        var result = await _host.RunAsync("-Command", $$"""
            $ErrorActionPreference = 'Stop'
            '{{ports}}' -split ' ' | ForEach-Object { "127.0.0.1:$_" } | Connect-ArchRegistry -MavenSettings settings.xml -SessionOnly | ForEach-Object { "$($_.Registry) $($_.UserName) $($_.StoredIn)" }
            Get-ArchRegistry {{one.Host}}, {{other.Host}} | ForEach-Object { "$($_.Registry) $($_.UserName)" }
            """);
        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        Assert.Equal(
            new[] { $"{one.Host} snapshot", $"{one.Host} snapshot Session", $"{other.Host} staging", $"{other.Host} staging Session" }.Order(StringComparer.Ordinal),
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Order(StringComparer.Ordinal));
        Assert.False(Directory.Exists(_host.Home[".docker"]));
    }

    [RegistryFact]
    public async Task A_server_by_another_name_is_given_by_its_id()
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync("jenkins", Password);
        WriteSettings(("docker-releases", "jenkins", Password), ("docker-staging", "jenkins", "another"));
        var login = $"Connect-ArchRegistry {registry.Host} -MavenSettings settings.xml -SessionOnly";
        Assert.Contains("jenkins", (await SucceedAsync($"{login} -Server docker-releases")).Output);
        Assert.Contains("jenkins", (await SucceedAsync($"{login} -Server docker-r")).Output);
        Assert.Contains("401", (await FailAsync($"{login} -Server docker-staging")).Error);
        Assert.Contains("several of its servers begin with 'docker-'", OneLine((await FailAsync($"{login} -Server docker-")).Error));
        Assert.Contains($"it has no server '{registry.Host}'; it has 'docker-releases', 'docker-staging'; give one with -Server", OneLine((await FailAsync(login)).Error));
    }

    [Theory]
    [InlineData("-FromEnvironment HUB", "the environment has no HUB_USR; set HUB_USR and HUB_PSW")]
    [InlineData("-FromEnvironment HUB -Credential $login", "-Credential and -FromEnvironment both say who one is")]
    [InlineData("-MavenSettings settings.xml -Credential $login", "-Credential and -MavenSettings both say who one is")]
    [InlineData("-MavenSettings gone.xml", "it cannot be read")]
    public async Task What_does_not_say_who_one_is_ends_the_step(string parameters, string reason)
    {
        WriteSettings(("127.0.0.1:1", "jenkins", Password));
        var result = await FailAsync($"$login = [pscredential]::new('a', [securestring]::new()); Connect-ArchRegistry 127.0.0.1:1 {parameters}");
        Assert.Contains(reason, OneLine(result.Error));
        Assert.DoesNotContain(Password, result.Error);
    }

    private void WriteSettings(params (string Id, string User, string Password)[] servers)
    {
        var settings = new XElement("settings", new XElement("servers", servers.Select(server => new XElement(
            "server", new XElement("id", server.Id), new XElement("username", server.User), new XElement("password", server.Password)))));
        _host.Home.Write("settings.xml", $"{settings}");
    }

    private async Task<HostResult> SucceedAsync(string script)
    {
        var result = await _host.RunAsync("-Command", $"$ErrorActionPreference = 'Stop'; {script}");
        Assert.Equal(("", 0), (result.Error, result.ExitCode));
        return result;
    }

    private async Task<HostResult> FailAsync(string script)
    {
        var result = await _host.RunAsync("-Command", $"$ErrorActionPreference = 'Stop'; {script}; 'went on'");
        Assert.Equal(1, result.ExitCode);
        Assert.DoesNotContain("went on", result.Output);
        return result;
    }

    private static string OneLine(string text) => string.Join(' ', text.Split([' ', '\n', '\r', '|'], StringSplitOptions.RemoveEmptyEntries));
}
