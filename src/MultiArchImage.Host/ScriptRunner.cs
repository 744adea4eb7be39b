using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace MultiArchImage.Host;

/// <summary>One runspace of the PowerShell engine, on the console, for one script or command.</summary>
internal sealed class ScriptRunner : IDisposable
{
    private readonly ConsoleUserInterface _userInterface;
    private readonly ConsoleHost _host;
    private readonly Runspace _runspace;
    private volatile PowerShell? _running;

    internal ScriptRunner(HostArguments arguments)
    {
        _userInterface = new ConsoleUserInterface(arguments.NonInteractive);
        _host = new ConsoleHost(_userInterface);
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = arguments.ExecutionPolicy;
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
        ModuleLocation.Announce();
    }

    /// <summary>Runs what the command line names.</summary>
    /// <returns>The exit code.</returns>
    internal int Run(HostArguments arguments) => arguments.File is { } file
        ? RunFile(Path.GetFullPath(file), ScriptArguments.ToSource(arguments.ScriptArguments))
        : RunCommand(arguments.Command == HostArguments.StandardInput ? Console.In.ReadToEnd() : arguments.Command!);

    /// <summary>Stops what runs, as Ctrl+C does in <c>pwsh</c>: cmdlets end their work, <c>finally</c> blocks run.</summary>
    /// <returns>False where nothing runs.</returns>
    internal bool Stop()
    {
        if (_running is not { } running)
            return false;
        running.BeginStop(null, null);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _runspace.Dispose();

    /// <summary>
    /// A script file's <c>exit N</c> leaves <c>$?</c> false and N in <c>$LASTEXITCODE</c>; a program that failed on the way, in a script that
    /// went on, leaves <c>$?</c> true.
    /// </summary>
    private int RunFile(string file, string arguments) => HostArguments.IsScriptName(file)
        ? Invoke($"& {ScriptArguments.Quote(file)} {arguments}", whenItFails: "$Host.SetShouldExit($LASTEXITCODE ? $LASTEXITCODE : 1)")
        : RunOtherFile(file, arguments);

    /// <summary>
    /// A file by another name is no script to the engine, which would start it as a program. The first line of a script can name this program
    /// (<c>#!/usr/bin/env pwsh</c>), and then the file may have any name: Jenkins' ends with <c>.sh</c>.
    /// </summary>
    private int RunOtherFile(string file, string arguments)
    {
        var script = Parser.ParseFile(file, out _, out var errors);
        if (errors.Length == 0)
            return Invoke($"& $args[0] {arguments}", whenItFails: "", script.GetScriptBlock());
        Report(new ParseException(errors).ErrorRecord);
        return ExitCode.Failure;
    }

    /// <summary>The last statement decides, as with <c>pwsh -Command</c>.</summary>
    private int RunCommand(string text) => Invoke(text, whenItFails: "$Host.SetShouldExit(1)");

    private int Invoke(string text, string whenItFails, object? argument = null)
    {
        // The host is told instead of `exit` being called: that would drop the lines that Out-Default still collects.
        var command = new Command($"{text}\nif (-not $?) {{ {whenItFails} }}", isScript: true, useLocalScope: false);
        if (argument is not null)
            command.Parameters.Add(null, argument);
        // Errors take their turn between the output's lines; Out-Default sends them to the error stream.
        command.MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        using var shell = PowerShell.Create(_runspace);
        shell.Commands.AddCommand(command).AddCommand("Out-Default");
        try
        {
            _running = shell;
            shell.Invoke();
            return shell.InvocationStateInfo.State == PSInvocationState.Stopped
                ? ExitCode.Interrupted
                : _host.RequestedExitCode ?? ExitCode.Success;
        }
        catch (PipelineStoppedException)
        {
            return ExitCode.Interrupted;
        }
        catch (RuntimeException failure)
        {
            Report(failure.ErrorRecord);
            return ExitCode.Failure;
        }
        finally
        {
            _running = null;
        }
    }

    /// <summary>A terminating error looks like any other, and comes after what was printed before it.</summary>
    private void Report(ErrorRecord error)
    {
        using var shell = PowerShell.Create(_runspace);
        shell.AddCommand("Out-Default").AddParameter("InputObject", error);
        _userInterface.PrintAsError(() => shell.Invoke());
    }
}
