using MultiArchImage.Testbed;
using MultiArchImage.Testbed.Jenkins;
using MultiArchImage.Testbed.PowerShell;
using MultiArchImage.Testbed.Registries;

namespace MultiArchImage.Cmdlets.Tests.Jenkins;

/// <summary>A step of a job in each of the ways in which Jenkins starts PowerShell: how it ends, what its log says, and what it leaves behind.</summary>
[Needs(Part.UnixProcesses)]
public sealed class StepTests : IDisposable
{
    private const string Stop = "$ErrorActionPreference = 'Stop'\n";
    private const string Build = "New-ArchImage $env:HELLO -Repository team/app -Tag '{arch}-1.0' -Output oci:build -Platform";
    private const string BuildBoth = $"{Build} linux/amd64, linux/arm64";
    private const string FailedProgram = "sh -c 'exit 3'\n";
    private const string User = "jenkins";
    private const string Password = "pa:ss wörd&<1>";

    private readonly JenkinsAgent _agent = new();

    public StepTests() => _agent.Environment["HELLO"] = Path.Combine(Repository.Root, "docs/examples/hello");

    public static TheoryData<StepKind> Kinds => [.. Enum.GetValues<StepKind>()];

    /// <summary>What each kind of object is shown with, behind whatever makes it.</summary>
    public static TheoryData<string, string> Views => new()
    {
        { $"{BuildBoth}", "sha256:" },
        { $"{BuildBoth} | New-FatManifest", "OCI image index, created" },
        { $"$fat = {BuildBoth} | New-FatManifest; $fat.Entries", "linux/arm64" },
        { $"$fat = {BuildBoth} | New-FatManifest; Get-FatManifest oci:build:1.0 -Config", "Size Created          Command" },
        { $"$fat = {BuildBoth} | New-FatManifest; Test-FatManifest oci:build:1.0 -RequirePlatform linux/s390x -Detailed", "RequiredPlatformMissing" },
        { $"$fat = {BuildBoth} | New-FatManifest; $one = Update-FatManifest oci:build:1.0 -Remove linux/arm64; Compare-FatManifest $fat $one", "linux/arm64" },
        { "Start-ArchRegistry served", "127.0.0.1:" },
        { "Resolve-ArchTag Latest -Template '{tag}', '{arch}-{tag}'", "{arch}-latest" },
    };

    public void Dispose() => _agent.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_gate_that_fails_ends_the_step_with_1_and_one_error_that_says_what_to_do(StepKind kind)
    {
        var step = await _agent.RunAsync(kind, $"{Stop}{Build} linux/amd64 | New-FatManifest -RequirePlatform linux/amd64, linux/arm64\n'went on'");
        Assert.True(step.ExitCode == 1, step.Log);
        Assert.DoesNotContain("went on", step.Log);
        Assert.Equal(2, OneLine(step.Log).Split("lacks linux/arm64 (it would have linux/amd64); nothing was pushed; build and publish the missing image").Length);
        Assert.DoesNotContain("Exception", step.Log);
        Assert.DoesNotContain("   at ", step.Log);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task An_image_that_fails_ends_a_step_that_stops_on_errors(StepKind kind)
    {
        var step = await _agent.RunAsync(kind, $"{Stop}'oci:build:gone' | Publish-ArchImage -Destination oci:copy\n'went on'");
        Assert.True(step.ExitCode == 1, step.Log);
        Assert.DoesNotContain("went on", step.Log);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task What_would_be_asked_for_at_a_keyboard_ends_the_step(StepKind kind)
    {
        var step = await _agent.RunAsync(kind, $"{Stop}Get-FatManifest\n'went on'");
        Assert.True(step.ExitCode == 1, step.Log);
        Assert.DoesNotContain("went on", step.Log);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_program_that_failed_and_was_dealt_with_does_not_fail_a_good_step(StepKind kind)
    {
        // Jenkins ends a pwsh step with the exit code of the last program, whatever came after it: cmdlets have none.
        var step = await _agent.RunAsync(kind, $"{Stop}{FailedProgram}{BuildBoth} | New-FatManifest");
        Assert.Equal(kind == StepKind.Shell ? 0 : 3, step.ExitCode);
        var reset = await _agent.RunAsync(kind, $"{Stop}{FailedProgram}$global:LASTEXITCODE = 0\n{BuildBoth} | New-FatManifest");
        Assert.True(reset.ExitCode == 0, reset.Log);
        var exit = await _agent.RunAsync(kind, $"{Stop}{FailedProgram}{BuildBoth} | New-FatManifest\nexit 0");
        Assert.True(exit.ExitCode == 0, exit.Log);
        Assert.Contains("OCI image index, unchanged", exit.Log);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Programs_that_the_cmdlets_start_leave_no_exit_code(StepKind kind)
    {
        // Where nothing is described, git ends with 128.
        var step = await _agent.RunAsync(kind, $"{Stop}try {{ Resolve-ArchTag GitDescribe }} catch {{ \"none: $_\" }}\n{BuildBoth} | New-FatManifest");
        Assert.True(step.ExitCode == 0, step.Log);
        Assert.Contains("none: ", step.Log);
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task What_a_step_puts_out_last_is_in_its_log(string script, string shown)
    {
        // Jenkins ends the script with exit, and PowerShell drops what it still collects to find out how wide columns are.
        var step = await _agent.RunAsync(StepKind.Pipeline, $"{Stop}{script}");
        Assert.True(step.ExitCode == 0, step.Log);
        Assert.Contains(shown, step.Log);
    }

    [Fact]
    public async Task An_error_after_an_object_is_in_the_log()
    {
        var step = await _agent.RunAsync(StepKind.Pipeline, $"{BuildBoth} | New-FatManifest\nGet-FatManifest oci:build:gone");
        Assert.Contains("OCI image index, created", step.Log);
        Assert.Contains("build:gone", step.Log);
    }

    [RegistryTheory]
    [MemberData(nameof(Kinds))]
    public async Task The_log_has_no_escapes_no_progress_and_no_secret(StepKind kind)
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync(User, Password);
        _agent.Environment["REGISTRY"] = registry.Host;
        SetLogin("HUB", Password);
        SetLogin("OLD", "hidden:0ld");
        var step = await _agent.RunAsync(kind, $$"""
            {{Stop}}$VerbosePreference = $DebugPreference = 'Continue'
            try { Connect-ArchRegistry $env:REGISTRY -FromEnvironment OLD -SessionOnly } catch { "refused: $_" }
            Connect-ArchRegistry $env:REGISTRY -FromEnvironment HUB -SessionOnly
            {{BuildBoth}} | Publish-ArchImage -Destination $env:REGISTRY/team/app | New-FatManifest -WarningAction Continue
            Get-ArchRegistry $env:REGISTRY
            Get-FatManifest $env:REGISTRY/team/app:gone
            """);
        Assert.True(step.ExitCode == 1, step.Log);
        Assert.Contains("refused: ", step.Log);
        Assert.Contains("DEBUG: ", step.Log);
        Assert.Contains("VERBOSE: ", step.Log);
        Assert.Contains("team/app:gone", step.Log);
        Assert.DoesNotContain('\u001b', step.Log);
        Assert.DoesNotContain('\r', step.Log.Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.DoesNotContain("Publishing", step.Log);
        Assert.All(Secrets(), secret => Assert.DoesNotContain(secret, step.Log));
    }

    [RegistryTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_login_for_the_session_leaves_nothing_on_the_agent(StepKind kind)
    {
        await using var registry = await RegistryProcess.StartWithPasswordAsync(User, Password);
        _agent.Environment["REGISTRY"] = registry.Host;
        _agent.Environment["MULTIARCHIMAGE_BLOB_CACHE"] = "off";
        SetLogin("HUB", Password);
        var step = await _agent.RunAsync(kind, $"""
            {Stop}Connect-ArchRegistry $env:REGISTRY -FromEnvironment HUB -SessionOnly
            {BuildBoth} | Publish-ArchImage -Destination $env:REGISTRY/team/app | New-FatManifest
            """);
        Assert.True(step.ExitCode == 0, step.Log);
        Assert.Empty(Directory.EnumerateFiles(_agent.Home, "*", SearchOption.AllDirectories));
        // The next step is a process of its own, and has no login.
        var next = await _agent.RunAsync(kind, $"{Stop}Get-FatManifest $env:REGISTRY/team/app:1.0");
        Assert.True(next.ExitCode == 1, next.Log);
        Assert.Contains("401", next.Log);
    }

    [RegistryFact]
    public async Task Steps_that_run_at_the_same_time_on_one_agent_do_not_disturb_each_other()
    {
        await using var one = await RegistryProcess.StartWithPasswordAsync(User, Password);
        await using var other = await RegistryProcess.StartWithPasswordAsync(User, "of the other");
        SetLogin("ONE", Password);
        SetLogin("OTHER", "of the other");
        var steps = await Task.WhenAll(Enumerable.Range(1, 6).Select(number =>
        {
            var (registry, login) = number % 2 == 0 ? (one, "ONE") : (other, "OTHER");
            return _agent.RunAsync(Enum.GetValues<StepKind>()[number % 3], $$"""
                {{Stop}}Connect-ArchRegistry {{registry.Host}} -FromEnvironment {{login}} -SessionOnly
                New-ArchImage $env:HELLO -Repository {{registry.Host}}/team/app -Tag '{arch}-{{number}}' -Output oci:build -Label @{ number = '{{number}}' } -Platform linux/amd64, linux/arm64 |
                    Publish-ArchImage | Export-ArchImage images-{{number}}.json
                $fat = Import-ArchImage images-{{number}}.json | New-FatManifest -RequirePlatform linux/amd64, linux/arm64
                "{{number}}: $($fat.Reference) of $(Get-FatManifest {{registry.Host}}/team/app:{{number}} -Config | ForEach-Object { $_.Labels['number'] })"
                """);
        }));
        for (var number = 1; number <= steps.Length; number++)
        {
            var step = steps[number - 1];
            Assert.True(step.ExitCode == 0, step.Log);
            Assert.Contains($"{number}: {(number % 2 == 0 ? one : other).Host}/team/app:{number} of {number} {number}", step.Log);
        }
    }

    private void SetLogin(string name, string password)
    {
        _agent.Environment[$"{name}_USR"] = User;
        _agent.Environment[$"{name}_PSW"] = password;
    }

    // As they are, in a URL, and in base64 behind the user's name.
    private static IEnumerable<string> Secrets() => new[] { Password, "hidden:0ld" }.SelectMany(secret => new[]
    {
        secret, Uri.EscapeDataString(secret), Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{User}:{secret}"))[..^4],
    });

    private static string OneLine(string log) => string.Join(' ', log.Split([' ', '\n', '\r', '|'], StringSplitOptions.RemoveEmptyEntries));
}
