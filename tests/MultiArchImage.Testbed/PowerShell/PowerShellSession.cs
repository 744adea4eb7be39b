using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using MultiArchImage.Host;
using Shell = System.Management.Automation.PowerShell;

namespace MultiArchImage.Testbed.PowerShell;

/// <summary>
/// A runspace of the real PowerShell engine in the test's own process, with the staged module imported by its manifest.
/// </summary>
/// <remarks>
/// The engine loads <c>MultiArchImage.Cmdlets</c> and <c>MultiArchImage.Oci</c> from the staged folder into the default load context, once for
/// the process. A test that names types of <c>MultiArchImage.Oci</c> itself has a copy of that assembly beside it, and the runtime answers
/// both with one: whichever it loaded first stays, where both files come from the same build, as they do in one configuration; from different
/// builds the second load fails with "Assembly with same name is already loaded". So tests of the cmdlets read objects through their
/// <see cref="PSObject.Properties"/>, as scripts do, and reference neither assembly.
/// <para>Environment variables (<c>$env:</c>) are the whole process's; the current location is each session's own.</para>
/// </remarks>
public sealed class PowerShellSession : IDisposable
{
    private readonly RecordingHost _host = new();
    private readonly Runspace _runspace;
    private volatile Shell? _running;

    static PowerShellSession()
    {
        CultureInfo.DefaultThreadCurrentCulture = new EnglishCulture();
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
    }

    /// <summary>Opens a session.</summary>
    /// <param name="importModule">Whether the module is there; false for an engine with its own commands only.</param>
    public PowerShellSession(bool importModule = true)
    {
        var state = InitialSessionState.CreateDefault2();
        // What pwsh has in its own settings there.
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.RemoteSigned;
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.Open();
        if (importModule)
            ImportModule();
    }

    /// <summary>The current folder of scripts.</summary>
    public string Location
    {
        get => _runspace.SessionStateProxy.Path.CurrentFileSystemLocation.Path;
        set => _runspace.SessionStateProxy.Path.SetLocation(value);
    }

    /// <summary>The labels of the choices that answer coming confirmations (<c>Yes</c>, <c>No to All</c>); none left is an error.</summary>
    public Queue<string> Answers => _host.UserInterface.Answers;

    /// <summary>The confirmations that were asked for.</summary>
    public IReadOnlyList<string> Questions => _host.UserInterface.Questions;

    /// <summary>Runs a script to its end and gathers the objects it puts out. Errors are in the result and never thrown.</summary>
    /// <param name="script">The script's text.</param>
    /// <param name="variables">Variables it finds, by name.</param>
    public async Task<SessionResult> RunAsync(string script, IReadOnlyDictionary<string, object?>? variables = null)
    {
        using var shell = Prepare(script, variables);
        using var output = new PSDataCollection<PSObject>();
        var (error, stopped) = await FinishAsync(shell, output);
        return new SessionResult
        {
            Output = [.. output],
            Errors = [.. shell.Streams.Error],
            TerminatingError = error,
            WasStopped = stopped,
            Warnings = [.. shell.Streams.Warning.Select(record => record.Message)],
            Verbose = [.. shell.Streams.Verbose.Select(record => record.Message)],
            Debug = [.. shell.Streams.Debug.Select(record => record.Message)],
            Information = [.. shell.Streams.Information],
            Progress = [.. shell.Streams.Progress],
        };
    }

    /// <summary>Runs a script and returns what a user sees on a console of 80 columns without colors: output, warnings and errors, in order.</summary>
    /// <param name="script">The script's text.</param>
    /// <param name="variables">Variables it finds, by name.</param>
    public async Task<string> ShowAsync(string script, IReadOnlyDictionary<string, object?>? variables = null)
    {
        _host.UserInterface.TakeText();
        using var shell = Prepare(script, variables);
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        shell.AddCommand("Out-Default");
        using var output = new PSDataCollection<PSObject>();
        var (error, _) = await FinishAsync(shell, output);
        return _host.UserInterface.TakeText() + error?.Exception.Message;
    }

    /// <summary>Stops the script that runs, as Ctrl+C does, and returns when it has stopped. Nothing happens where none runs.</summary>
    public async Task StopAsync()
    {
        if (_running is not { } running)
            return;
        // The engine cannot stop what it was told to start and has not started yet.
        while (running.InvocationStateInfo.State == PSInvocationState.NotStarted)
            await Task.Delay(10);
        // Null where it had stopped before the call returned; StopAsync of the engine fails then.
        if (running.InvocationStateInfo.State == PSInvocationState.Running && running.BeginStop(null, null) is { } stopping)
            await Task.Factory.FromAsync(stopping, running.EndStop);
    }

    /// <inheritdoc/>
    public void Dispose() => _runspace.Dispose();

    private Shell Prepare(string script, IReadOnlyDictionary<string, object?>? variables)
    {
        foreach (var (name, value) in variables ?? new Dictionary<string, object?>())
            _runspace.SessionStateProxy.SetVariable(name, value);
        var shell = Shell.Create(_runspace);
        shell.AddScript(script);
        return shell;
    }

    private async Task<(ErrorRecord? Error, bool Stopped)> FinishAsync(Shell shell, PSDataCollection<PSObject> output)
    {
        _running = shell;
        try
        {
            await shell.InvokeAsync<PSObject, PSObject>(null, output);
            return (null, false);
        }
        catch (PipelineStoppedException)
        {
            return (null, true);
        }
        catch (RuntimeException failure)
        {
            return (failure.ErrorRecord, false);
        }
        finally
        {
            _running = null;
        }
    }

    private void ImportModule()
    {
        using var shell = Shell.Create(_runspace);
        shell.AddCommand("Import-Module").AddArgument(Repository.ModuleManifest).AddParameter("ErrorAction", "Stop").Invoke();
    }
}
