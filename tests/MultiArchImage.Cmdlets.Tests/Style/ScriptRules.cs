using System.Management.Automation;
using System.Management.Automation.Language;

namespace MultiArchImage.Cmdlets.Tests.Style;

/// <summary>
/// PSScriptAnalyzer's default rules, as far as the engine's parser can tell; the analyzer itself is on the PowerShell Gallery alone. A rule is
/// called by its name there, and what <c>SuppressMessage</c> names is passed over, as there.
/// </summary>
internal static class ScriptRules
{
    private static readonly HashSet<string> Verbs =
    [
        .. new[] { typeof(VerbsCommon), typeof(VerbsCommunications), typeof(VerbsData), typeof(VerbsDiagnostic), typeof(VerbsLifecycle), typeof(VerbsOther), typeof(VerbsSecurity) }
            .SelectMany(verbs => verbs.GetFields()).Select(verb => verb.Name),
    ];

    private static readonly string[] StateChanging = ["New", "Set", "Remove", "Start", "Stop", "Restart", "Reset", "Update"];

    // Aliases that PowerShell has on Windows alone: elsewhere they are programs.
    private static readonly string[] OfWindows =
    [
        "ac", "cat", "clear", "compare", "cp", "cpp", "diff", "kill", "ls", "man", "mount", "mv", "ps", "rm", "rmdir", "sleep", "sort", "sp", "start", "tee", "write",
    ];

    private static readonly string[] Automatic =
    [
        "_", "args", "ConsoleFileName", "EnabledExperimentalFeatures", "Error", "Event", "EventArgs", "EventSubscriber", "ExecutionContext", "false", "foreach", "HOME", "Host",
        "input", "IsCoreCLR", "IsLinux", "IsMacOS", "IsWindows", "LASTEXITCODE", "Matches", "MyInvocation", "NestedPromptLevel", "null", "OFS", "PID", "PROFILE",
        "PSBoundParameters", "PSCmdlet", "PSCommandPath", "PSCulture", "PSDebugContext", "PSEdition", "PSHOME", "PSItem", "PSScriptRoot", "PSSenderInfo", "PSUICulture",
        "PSVersionTable", "PWD", "Sender", "ShellId", "StackTrace", "switch", "this", "true",
    ];

    // Assigning to these is how PowerShell is told something; nobody reads them.
    private static readonly string[] ReadByTheEngine =
    [
        "ConfirmPreference", "DebugPreference", "ErrorActionPreference", "InformationPreference", "null", "OutputRendering", "ProgressPreference", "PSDefaultParameterValues",
        "VerbosePreference", "WarningPreference", "WhatIfPreference",
    ];

    /// <summary>What the rules say of a script: a line each, <c>RULE: what</c>.</summary>
    /// <param name="text">The script.</param>
    /// <param name="aliases">The names that PowerShell has for other commands.</param>
    public static IEnumerable<string> Check(string text, IReadOnlySet<string> aliases)
    {
        var script = Parser.ParseInput(text, out _, out var errors);
        var suppressed = All<AttributeAst>(script).Where(attribute => attribute.TypeName.Name.EndsWith("SuppressMessage", StringComparison.Ordinal))
            .Select(attribute => ((StringConstantExpressionAst)attribute.PositionalArguments[0]).Value).ToHashSet();
        return errors.Select(error => $"ParseError: {error.Message}")
            .Concat(Commands(script, aliases)).Concat(Functions(script)).Concat(Parameters(script)).Concat(Variables(script)).Concat(Text(text, script))
            .Where(finding => !suppressed.Contains(finding.Split(':')[0]));
    }

    private static IEnumerable<string> Commands(Ast script, IReadOnlySet<string> aliases)
    {
        var own = All<FunctionDefinitionAst>(script).Select(function => function.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var command in All<CommandAst>(script))
        {
            if (command.GetCommandName() is not { } name)
                continue;
            if (aliases.Contains(name) || OfWindows.Contains(name, StringComparer.OrdinalIgnoreCase))
                yield return $"PSAvoidUsingCmdletAliases: {command}";
            if (name is "Write-Host" or "Invoke-Expression")
                yield return $"PSAvoidUsing{name.Replace("-", "", StringComparison.Ordinal)}: {command}";
            if (name == "ConvertTo-SecureString" && Names(command).Contains("AsPlainText"))
                yield return $"PSAvoidUsingConvertToSecureStringWithPlainText: {command}";
            if (Names(command).Contains("AllowUnencryptedAuthentication"))
                yield return $"PSAvoidUsingAllowUnencryptedAuthentication: {command}";
            var isCmdlet = own.Contains(name) || name.Contains('-');
            if (isCmdlet && Positional(command) > 2)
                yield return $"PSAvoidUsingPositionalParameters: {command}";
        }
    }

    private static IEnumerable<string> Functions(Ast script)
    {
        foreach (var function in All<FunctionDefinitionAst>(script))
        {
            var (verb, noun) = function.Name.Split('-') is [var first, var second] ? (first, second) : ("", function.Name);
            if (verb.Length > 0 && !Verbs.Contains(verb))
                yield return $"PSUseApprovedVerbs: {function.Name}";
            if (verb.Length > 0 && noun.EndsWith('s') && !noun.EndsWith("ss", StringComparison.Ordinal))
                yield return $"PSUseSingularNouns: {function.Name}";
            if (StateChanging.Contains(verb) && !function.Extent.Text.Contains("SupportsShouldProcess", StringComparison.Ordinal))
                yield return $"PSUseShouldProcessForStateChangingFunctions: {function.Name}";
        }
        foreach (var block in All<ScriptBlockAst>(script).Where(block => block.ParamBlock?.Attributes.Any(Supports) == true))
        {
            if (!block.Extent.Text.Contains("ShouldProcess(", StringComparison.Ordinal))
                yield return $"PSShouldProcess: {block.ParamBlock}";
        }
    }

    private static IEnumerable<string> Parameters(Ast script)
    {
        foreach (var block in All<ScriptBlockAst>(script))
        {
            var parameters = block.ParamBlock?.Parameters ?? (block.Parent as FunctionDefinitionAst)?.Parameters;
            foreach (var parameter in parameters ?? (IEnumerable<ParameterAst>)[])
            {
                var name = parameter.Name.VariablePath.UserPath;
                if (!Reads(block).Contains(name, StringComparer.OrdinalIgnoreCase) && !block.Extent.Text.Contains("$PSBoundParameters", StringComparison.Ordinal))
                    yield return $"PSReviewUnusedParameter: {name}";
                if (parameter.DefaultValue is not null && parameter.Attributes.Any(attribute => $"{attribute}".Contains("Mandatory", StringComparison.Ordinal)))
                    yield return $"PSAvoidDefaultValueForMandatoryParameter: {name}";
                if (parameter.StaticType == typeof(SwitchParameter) && parameter.DefaultValue is not null)
                    yield return $"PSAvoidDefaultValueSwitchParameter: {name}";
                if (parameter.StaticType == typeof(string) && name.Contains("password", StringComparison.OrdinalIgnoreCase))
                    yield return $"PSAvoidUsingPlainTextForPassword: {name}";
                if (name is "WhatIf" or "Confirm")
                    yield return $"PSUseSupportsShouldProcess: {name}";
                if (Automatic.Contains(name, StringComparer.OrdinalIgnoreCase))
                    yield return $"PSAvoidAssignmentToAutomaticVariable: {name}";
            }
        }
    }

    private static IEnumerable<string> Variables(ScriptBlockAst script)
    {
        var read = Reads(script).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var assigned = All<AssignmentStatementAst>(script).SelectMany(assignment => assignment.Left.FindAll(IsVariable, false)).Cast<VariableExpressionAst>()
            .Concat(All<ForEachStatementAst>(script).Select(loop => loop.Variable));
        foreach (var variable in assigned.Where(variable => variable.Parent is not MemberExpressionAst and not IndexExpressionAst).Select(variable => variable.VariablePath))
        {
            if (variable.IsGlobal)
                yield return $"PSAvoidGlobalVars: {variable}";
            if (Automatic.Contains(variable.UserPath, StringComparer.OrdinalIgnoreCase) && variable.UserPath != "null")
                yield return $"PSAvoidAssignmentToAutomaticVariable: {variable}";
            if (variable.IsUnscopedVariable && !read.Contains(variable.UserPath) && !ReadByTheEngine.Contains(variable.UserPath, StringComparer.OrdinalIgnoreCase))
                yield return $"PSUseDeclaredVarsMoreThanAssignments: {variable}";
        }
        foreach (var comparison in All<BinaryExpressionAst>(script).Where(comparison => comparison.Operator is TokenKind.Ieq or TokenKind.Ine or TokenKind.Ceq or TokenKind.Cne))
        {
            if (comparison.Right is VariableExpressionAst { VariablePath.UserPath: "null" } && !$"{comparison.Left}".StartsWith('@'))
                yield return $"PSPossibleIncorrectComparisonWithNull: {comparison}";
        }
        foreach (var block in All<CatchClauseAst>(script).Where(block => block.Body.Statements.Count == 0))
            yield return $"PSAvoidUsingEmptyCatchBlock: {block}";
    }

    private static IEnumerable<string> Text(string text, Ast script)
    {
        // Without a byte order mark, Windows PowerShell would read something else.
        if (!text.All(char.IsAscii))
            yield return $"PSUseBOMForUnicodeEncodedFile: {new string([.. text.Where(letter => !char.IsAscii(letter)).Distinct()])}";
        var strings = All<StringConstantExpressionAst>(script).Cast<Ast>().Concat(All<ExpandableStringExpressionAst>(script)).ToList();
        foreach (var (line, number) in text.Split('\n').Select((line, index) => (line, index + 1)))
        {
            if (line.Length > 0 && char.IsWhiteSpace(line[^1]) && !strings.Exists(part => part.Extent.StartLineNumber <= number && part.Extent.EndLineNumber > number))
                yield return $"PSAvoidTrailingWhitespace: line {number}";
        }
    }

    // Those that splatting takes, too: @build reads $build.
    private static IEnumerable<string> Reads(Ast script)
    {
        var written = All<AssignmentStatementAst>(script).Where(assignment => assignment.Operator == TokenKind.Equals)
            .SelectMany(assignment => assignment.Left.FindAll(IsVariable, false)).Where(variable => variable.Parent is not MemberExpressionAst and not IndexExpressionAst)
            .Concat(All<ForEachStatementAst>(script).Select(loop => loop.Variable))
            .Concat(All<ParameterAst>(script).Select(parameter => parameter.Name)).ToHashSet();
        return All<VariableExpressionAst>(script).Where(variable => !written.Contains(variable)).Select(variable => variable.VariablePath.UserPath.Split(':')[^1]);
    }

    private static int Positional(CommandAst command)
    {
        var (count, isValue) = (0, false);
        foreach (var element in command.CommandElements.Skip(1))
        {
            if (element is CommandParameterAst parameter)
                isValue = parameter.Argument is null;
            else if (isValue || element is VariableExpressionAst { Splatted: true })
                isValue = false;
            else
                count++;
        }
        return count;
    }

    private static IEnumerable<string> Names(CommandAst command) => command.CommandElements.OfType<CommandParameterAst>().Select(parameter => parameter.ParameterName);

    private static bool Supports(AttributeAst attribute) => attribute.NamedArguments.Any(argument => argument.ArgumentName == "SupportsShouldProcess");

    private static bool IsVariable(Ast ast) => ast is VariableExpressionAst;

    private static IEnumerable<T> All<T>(Ast script)
        where T : Ast => script.FindAll(ast => ast is T, searchNestedScriptBlocks: true).Cast<T>();
}
