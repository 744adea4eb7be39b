using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace MultiArchImage.Host;

/// <summary>Runs one script in the real engine and turns how it ended into an exit code.</summary>
internal sealed class ScriptRunner : IDisposable
{
    private readonly CommandLine _commandLine;
    private readonly ConsoleUserInterface _console;
    private readonly ConsoleHost _host;
    private readonly Runspace _runspace;

    private ScriptRunner(CommandLine commandLine)
    {
        _commandLine = commandLine;
        _console = new ConsoleUserInterface(Interaction.For(commandLine));
        _host = new ConsoleHost(_console);
        _runspace = RunspaceFactory.CreateRunspace(_host, InitialState(commandLine));
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
    }

    /// <summary>Runs the script or command and returns the exit code of the process.</summary>
    public static int Run(CommandLine commandLine)
    {
        using var runner = new ScriptRunner(commandLine);
        return runner.Run();
    }

    public void Dispose() => _runspace.Dispose();

    private int Run()
    {
        _runspace.Open();
        // Cmdlets of scripts that ask for the default runspace (script blocks as delegates) find this one.
        Runspace.DefaultRunspace = _runspace;
        if (ModuleFolder.Find() is { } modules)
            ModuleFolder.AddToModulePath(modules);

        using var shell = Compose();
        using var interrupts = new Interrupts(shell);
        shell.Streams.Error.DataAdded += (_, added) => Report(shell.Streams.Error[added.Index]);
        var exitCode = Invoke(shell);
        _console.ClearProgress();
        return interrupts.WasInterrupted ? ExitCode.Interrupted : _host.RequestedExitCode ?? exitCode;
    }

    private PowerShell Compose()
    {
        var shell = PowerShell.Create(_runspace);
        shell.AddScript(_commandLine.Script, useLocalScope: false).AddCommand("Out-Default");
        return shell;
    }

    private int Invoke(PowerShell shell)
    {
        try
        {
            shell.Invoke();
            return ExitCode.Success;
        }
        catch (PipelineStoppedException)
        {
            return ExitCode.Interrupted;
        }
        catch (RuntimeException e)
        {
            Report(e.ErrorRecord);
            return ExitCode.Failure;
        }
    }

    private void Report(ErrorRecord record) => _console.WriteErrorLine(ErrorText.Of(record));

    private static InitialSessionState InitialState(CommandLine commandLine)
    {
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = commandLine.ExecutionPolicy;
        return state;
    }
}
