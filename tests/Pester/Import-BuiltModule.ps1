# Imports the module that the build left in out: each file of tests begins with it, and has its manifest and the repository's root.
[Diagnostics.CodeAnalysis.SuppressMessage('PSUseDeclaredVarsMoreThanAssignments', '', Justification = 'Read by who dots it.')]
param()

$root = Split-Path (Split-Path $PSScriptRoot)
$moduleManifest = (Get-ChildItem "$root/out/MultiArchImage/*/MultiArchImage.psd1" | Sort-Object LastWriteTime | Select-Object -Last 1).FullName
if (-not (Get-Module MultiArchImage)) { Import-Module $moduleManifest }
$hello = Join-Path $root 'docs/examples/hello'
