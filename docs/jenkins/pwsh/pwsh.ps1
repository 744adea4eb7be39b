# What stands before a script of Jenkins' powershell builder: where that started Windows PowerShell, pwsh runs this same file instead.
$ErrorActionPreference = 'Stop'
if ($PSVersionTable.PSEdition -ne 'Core') {
    pwsh -NoProfile -NonInteractive -File $PSCommandPath
    exit $LASTEXITCODE
}
