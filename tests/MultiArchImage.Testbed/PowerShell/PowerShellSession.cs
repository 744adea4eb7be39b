using System.Management.Automation;
using System.Management.Automation.Runspaces;
using Engine = System.Management.Automation.PowerShell;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>
/// A session of the real PowerShell engine in the test process, with the staged module imported as a user's session imports it. A process
/// may have several at a time.
/// </summary>
/// <remarks>
/// The module comes from files, not from the test's references. Output objects are best read by their properties
/// (<c>output.Properties["Digest"].Value</c>). A test project that also references MultiArchImage.Oci must not cast to its types unless
/// the runtime took both from the test's folder: the engine loads the module's assembly into the default context, where the same identity
/// is loaded once, by whoever asked first.
/// </remarks>
public sealed class PowerShellSession : IDisposable
{
    private readonly RecordingHost _host = new();
    private readonly Runspace _runspace;
    private Engine? _running;

    // The engine reads this once, when it starts.
    static PowerShellSession() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

    /// <summary>Opens a session.</summary>
    /// <param name="withModule">False for a session without the module.</param>
    public PowerShellSession(bool withModule = true)
    {
        var state = InitialSessionState.CreateDefault2();
        state.ThrowOnRunspaceOpenError = true;
        if (withModule)
            state.ImportPSModule([Repository.ModuleManifest]);
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.Open();
    }

    /// <summary>What went to the host and not to a stream: <c>Out-Default</c>, <c>Out-Host</c>, <c>$Host.UI.WriteLine</c>.</summary>
    public string HostText => _host.Text;

    /// <summary>Runs a script to its end; its failures are in the result.</summary>
    /// <param name="script">PowerShell text; variables and functions it makes stay in the session.</param>
    /// <param name="variables">Variables to set before.</param>
    public async Task<SessionResult> RunAsync(string script, params (string Name, object? Value)[] variables)
    {
        foreach (var (name, value) in variables)
            _runspace.SessionStateProxy.SetVariable(name, value);
        using var shell = Engine.Create(_runspace);
        shell.AddScript(script, useLocalScope: false);
        using var output = new PSDataCollection<PSObject>();
        _running = shell;
        try
        {
            var (error, wasStopped) = await InvokeAsync(shell, output);
            return Result(shell.Streams, output, error, wasStopped);
        }
        finally
        {
            _running = null;
        }
    }

    /// <summary>Stops the running script as Ctrl+C does; ends when it has stopped. Nothing happens where none runs.</summary>
    public async Task StopAsync()
    {
        if (_running is { } shell)
            await shell.StopAsync(null, null);
    }

    /// <summary>Shows objects as a console of 80 columns would, and returns the text.</summary>
    public async Task<string> RenderAsync(IReadOnlyList<PSObject> objects)
    {
        var before = _host.Text.Length;
        (await RunAsync("$__rendered | Out-Default", ("__rendered", objects.ToArray()))).OrThrow();
        return _host.Text[before..];
    }

    /// <inheritdoc/>
    public void Dispose() => _runspace.Dispose();

    private static async Task<(ErrorRecord? Error, bool WasStopped)> InvokeAsync(Engine shell, PSDataCollection<PSObject> output)
    {
        try
        {
            await shell.InvokeAsync<PSObject, PSObject>(null, output);
            return (null, false);
        }
        catch (PipelineStoppedException)
        {
            return (null, true);
        }
        catch (RuntimeException e)
        {
            return (e.ErrorRecord, false);
        }
    }

    private static SessionResult Result(PSDataStreams streams, PSDataCollection<PSObject> output, ErrorRecord? error, bool wasStopped) => new(
        [.. output],
        [.. streams.Error],
        error,
        wasStopped,
        [.. streams.Warning.Select(record => record.Message)],
        [.. streams.Verbose.Select(record => record.Message)],
        [.. streams.Debug.Select(record => record.Message)],
        [.. streams.Progress],
        [.. streams.Information]);
}
