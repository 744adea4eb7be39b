<#
.SYNOPSIS
    Brings the pages of docs/cmdlets up to date with the cmdlets, and drafts one for each cmdlet without a page.
.DESCRIPTION
    Written anew are the syntax and the facts of each parameter (type, sets, position, pipeline input). All text stays as it is: what a page
    says is written by hand. A draft has the docstrings of the cmdlet and says where an example belongs; the tests fail until it has one.

    Build first: the cmdlets are those of the module that this session finds.
.PARAMETER Path
    The folder of the pages.
.PARAMETER Docstring
    The documentation file that the compiler wrote beside the cmdlets' assembly.
.EXAMPLE
    dotnet run --project src/MultiArchImage.Host -c Release -- module/Update-HelpPage.ps1
.EXAMPLE
    ./build.ps1 Help
#>
[CmdletBinding()]
param(
    [string] $Path = "$PSScriptRoot/../docs/cmdlets",
    [string] $Docstring = "$PSScriptRoot/../src/MultiArchImage.Cmdlets/bin/Release/net8.0/MultiArchImage.Cmdlets.xml"
)
$ErrorActionPreference = 'Stop'
$newLine = "`n"
$fence = '```'
$common = [System.Management.Automation.PSCmdlet]::CommonParameters
$commonText = @(
    'This cmdlet supports the common parameters: -Debug, -ErrorAction, -ErrorVariable, -InformationAction, -InformationVariable, -OutBuffer,'
    '-OutVariable, -PipelineVariable, -ProgressAction, -Verbose, -WarningAction, and -WarningVariable. For more information, see'
    '[about_CommonParameters](https://go.microsoft.com/fwlink/?LinkID=113216).'
) -join $newLine
$known = @{
    WhatIf  = 'Shows what would be done, and does nothing.'
    Confirm = 'Asks before anything is changed.'
}

[xml] $documentation = [IO.File]::ReadAllText($Docstring)

# The summary of a type or of a property, also of one that a base class has; on one line.
function Get-Summary([string] $Kind, [type] $Type, [string] $Member) {
    for ($declaring = $Type; $declaring; $declaring = $declaring.BaseType) {
        $id = $Kind + ':' + $declaring.FullName + $(if ($Member) { ".$Member" })
        $node = $documentation.SelectSingleNode("/doc/members/member[@name='$id']/summary")
        if ($node) {
            return $node.InnerText.Trim() -replace '\s+', ' '
        }
    }
}

function Format-Syntax($Command, $ParameterSet) {
    $mark = if ($ParameterSet.IsDefault) { ' (Default)' }
    $name = if ($ParameterSet.Name -eq '__AllParameterSets') { 'All' } else { $ParameterSet.Name }
    $lines = @("$($Command.Name)")
    # Brackets stay together: a break is only where a parameter begins.
    foreach ($part in "$ParameterSet" -split '\s+(?=\[*-|\[<)') {
        if ($lines[-1].Length + $part.Length -ge 80) {
            $lines += " $part"
        }
        else {
            $lines[-1] += " $part"
        }
    }
    "### $name$mark", '', $fence, $lines, $fence, '' | ForEach-Object { $_ }
}

function Format-Type([type] $Type) {
    $plain = [Nullable]::GetUnderlyingType($Type)
    if ($plain) { $plain.Name } else { $Type.Name }
}

function Format-Default($Instance, $Parameter) {
    $property = $Instance.GetType().GetProperty($Parameter.Name)
    $value = if ($property) { $property.GetValue($Instance) }
    if ($Parameter.SwitchParameter) { 'False' }
    elseif ($Parameter.Name -eq 'Platform' -and $value.Count -gt 0) { 'This machine''s' }
    elseif ("$value") { $value -join ', ' }
    else { 'None' }
}

function Format-PipelineInput($InSet) {
    $ways = @(if ($InSet.ValueFromPipelineByPropertyName) { 'ByPropertyName' }) + @(if ($InSet.ValueFromPipeline) { 'ByValue' })
    if ($ways) { "True ($($ways -join ', '))" } else { 'False' }
}

# A block for each group of parameter sets in which the parameter is alike.
function Format-Fact($Command, $Parameter, $Instance) {
    $type = if ($Parameter.ParameterType.IsArray) { $Parameter.ParameterType.GetElementType() } else { $Parameter.ParameterType }
    $wildcards = [bool] ($Parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.SupportsWildcardsAttribute] })
    $groups = [ordered] @{}
    foreach ($set in $Command.ParameterSets) {
        foreach ($inSet in $set.Parameters | Where-Object Name -EQ $Parameter.Name) {
            $position = if ($inSet.Position -lt 0) { 'Named' } else { $inSet.Position }
            $facts = "Required: $($inSet.IsMandatory)", "Position: $position", "Default value: $(Format-Default $Instance $Parameter)",
                "Accept pipeline input: $(Format-PipelineInput $inSet)", "Accept wildcard characters: $wildcards" -join $newLine
            $groups[$facts] = @($groups[$facts]) + $set.Name | Where-Object { $_ }
        }
    }
    foreach ($facts in $groups.Keys) {
        $sets = if (@($groups[$facts]).Count -eq $Command.ParameterSets.Count) { '(All)' } else { @($groups[$facts]) -join ', ' }
        "${fence}yaml"
        "Type: $(Format-Type $Parameter.ParameterType)"
        "Parameter Sets: $sets"
        "Aliases: $($Parameter.Aliases -join ', ')".TrimEnd()
        if ($type.IsEnum) {
            "Accepted values: $([Enum]::GetNames($type) -join ', ')"
        }
        ''
        $facts
        $fence
        ''
    }
}

function Format-Parameter($Command, [hashtable] $Text) {
    $instance = [Activator]::CreateInstance($Command.ImplementingType)
    $own = $Command.Parameters.Values | Where-Object { $_.Name -notin $common -and $_.Name -notin 'WhatIf', 'Confirm' -and $_.Attributes.DontShow -notcontains $true }
    $names = @([Linq.Enumerable]::Order([string[]] @($own.Name), [StringComparer]::Ordinal)) + @('Confirm', 'WhatIf' | Where-Object { $Command.Parameters.ContainsKey($_) })
    foreach ($name in $names) {
        $words = if ($Text[$name]) { $Text[$name] } elseif ($known[$name]) { $known[$name] } else { Get-Summary P $Command.ImplementingType -Member $name }
        "### -$name", '', $words, '' | ForEach-Object { $_ }
        Format-Fact $Command $Command.Parameters[$name] -Instance $instance
    }
    '### CommonParameters', '', $commonText, '' | ForEach-Object { $_ }
}

function Format-Draft($Command) {
    $summary = Get-Summary T $Command.ImplementingType
    $outputs = $Command.OutputType | ForEach-Object { "### $($_.Name)", '' } | ForEach-Object { $_ }
    $inputs = $Command.ParameterSets.Parameters | Where-Object { $_.ValueFromPipeline -or $_.ValueFromPipelineByPropertyName } |
        ForEach-Object { $_.ParameterType.FullName } | ForEach-Object { "### $_" }
    $inputs = if ($inputs) { [Linq.Enumerable]::Distinct([string[]] @($inputs)) | ForEach-Object { $_, '' } | ForEach-Object { $_ } } else { '### None', '' }
    $parts = '---', 'external help file: MultiArchImage.Cmdlets.dll-Help.xml', 'Module Name: MultiArchImage', 'online version:', 'schema: 2.0.0', '---', '',
        "# $($Command.Name)", '', '## SYNOPSIS', '', $summary, '', '## SYNTAX', '', '## DESCRIPTION', '', $summary, '',
        '## EXAMPLES', '', '## PARAMETERS', '', '## INPUTS', '', $inputs, '## OUTPUTS', '', $outputs, '## NOTES', '', '## RELATED LINKS', '',
        '- [about_MultiArchImage](../about/about_MultiArchImage.md)', ''
    ($parts | ForEach-Object { $_ }) -join $newLine
}

# The texts under the headings of parameters, without the facts.
function Read-ParameterText([string] $Page) {
    $text = @{}
    foreach ($match in [regex]::Matches($Page, '(?ms)^### -(\w+)\n\n(.*?)\n\n```yaml')) {
        $text[$match.Groups[1].Value] = $match.Groups[2].Value
    }
    $text
}

function Write-Page($Command) {
    $file = [IO.Path]::Combine($Path, "$($Command.Name).md")
    $page = if ([IO.File]::Exists($file)) { [IO.File]::ReadAllText($file).Replace("`r`n", $newLine) } else { Format-Draft $Command }
    $syntax = ($Command.ParameterSets | ForEach-Object { Format-Syntax $Command $_ }) -join $newLine
    $parameters = (Format-Parameter $Command (Read-ParameterText $page)) -join $newLine
    $parts = [regex]::Match($page, '(?s)^(.*\n## SYNTAX\n\n).*?(## DESCRIPTION\n.*\n## PARAMETERS\n\n).*?(## INPUTS\n.*)$').Groups
    if (-not $parts[0].Success) {
        throw "$file lacks a section, or has them in another order than SYNTAX, DESCRIPTION, EXAMPLES, PARAMETERS, INPUTS"
    }
    $new = $parts[1].Value + $syntax + $newLine + $parts[2].Value + $parameters + $newLine + $parts[3].Value
    if ($new -cne $page) {
        [IO.File]::WriteAllText($file, $new)
    }
    $file
}

$Path = [IO.Path]::GetFullPath($Path)
$null = [IO.Directory]::CreateDirectory($Path)
Import-Module MultiArchImage
Get-Command -Module MultiArchImage -CommandType Cmdlet | ForEach-Object { Write-Page $_ }
