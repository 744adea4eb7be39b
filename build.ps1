<#
.SYNOPSIS
    Builds, tests and packages the module.
.DESCRIPTION
    A short name for each task. None needs this script: what it calls is shown first, and works without PowerShell as well.

    Build       the solution; leaves an importable module in out/MultiArchImage
    Test        all tests, with a Docker Engine and a registry (Debian; installs what is missing)
    Pester      the acceptance suite in tests/Pester and the tests of docs/examples (needs PowerShell and Pester 5)
    Package     the module as the PowerShell Gallery takes it, and the Host as a .NET tool: out/*.nupkg
    Install     the module, into the folder for modules of the current user
    Help        brings docs/cmdlets up to date with the cmdlets, and drafts pages that are missing
    Quickstart  the example of the README
.PARAMETER Task
    What to do, in this order. Build where it is left out.
.PARAMETER Configuration
    Release or Debug. The tests always take Release.
.EXAMPLE
    ./build.ps1
.EXAMPLE
    ./build.ps1 Build, Test, Package
.EXAMPLE
    dotnet run --project src/MultiArchImage.Host -- build.ps1 Package

    On a machine without PowerShell.
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Build', 'Test', 'Pester', 'Package', 'Install', 'Help', 'Quickstart')]
    [string[]] $Task = 'Build',

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release'
)
$ErrorActionPreference = 'Stop'

# Shows a command, runs it, and ends the script where it fails.
function Invoke-Tool {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory)]
        [string[]] $Command
    )
    "> $Command"
    $program, $arguments = $Command
    & $program $arguments
    if ($LASTEXITCODE -ne 0) {
        throw "$program ended with $LASTEXITCODE"
    }
}

$commands = @{
    Build      = 'dotnet', 'build', "$PSScriptRoot/MultiArchPS.sln", '--configuration', $Configuration
    Test       = 'bash', "$PSScriptRoot/tests/run.sh"
    Pester     = 'pwsh', '-NoProfile', '-Command', "Import-Module '$PSScriptRoot/out/MultiArchImage/*/MultiArchImage.psd1'; Invoke-Pester '$PSScriptRoot/tests/Pester', '$PSScriptRoot/docs/examples' -CI"
    Package    = 'dotnet', 'build', "$PSScriptRoot/module/Package.proj", '-target:Package', "-property:Configuration=$Configuration"
    Install    = 'dotnet', 'build', "$PSScriptRoot/module/Package.proj", '-target:Install', "-property:Configuration=$Configuration"
    Help       = 'dotnet', 'run', '--project', "$PSScriptRoot/src/MultiArchImage.Host", '--configuration', 'Release', '--', "$PSScriptRoot/module/Update-HelpPage.ps1"
    Quickstart = 'dotnet', 'run', '--project', "$PSScriptRoot/src/MultiArchImage.Host", '--', "$PSScriptRoot/docs/examples/quickstart.ps1"
}
foreach ($name in $Task) {
    Invoke-Tool $commands[$name]
}
