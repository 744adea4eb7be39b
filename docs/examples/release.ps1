<#
.SYNOPSIS
    Releases what the jobs of each architecture pushed: one name for all of them, tested before people get it.
.DESCRIPTION
    Joins REPOSITORY:VERSION-amd64, REPOSITORY:VERSION-arm64 and so on under REPOSITORY:VERSION, looks whether the result is whole and of one
    commit, and only then moves the tags that people pull: MAJOR.MINOR and latest. What is released already stays as it is.
    docs/examples/release.Tests.ps1 tests this script.
.PARAMETER Repository
    The repository: registry.example.com/team/app.
.PARAMETER Version
    The version that is released, MAJOR.MINOR.PATCH; the images' tags begin with it.
.PARAMETER Platform
    What a release must run on.
.EXAMPLE
    ./release.ps1 registry.example.com/team/app 1.4.2
.EXAMPLE
    ./release.ps1 registry.example.com/team/app 1.4.2 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory, Position = 0)]
    [string] $Repository,

    [Parameter(Mandatory, Position = 1)]
    [ValidatePattern('^\d+\.\d+\.\d+$', ErrorMessage = "'{0}' is no version: write MAJOR.MINOR.PATCH, like 1.4.2.")]
    [string] $Version,

    [string[]] $Platform = @('linux/amd64', 'linux/arm64')
)
$ErrorActionPreference = 'Stop'

$release = New-FatManifest -FromTemplate "${Repository}:$Version-{arch}" -RequirePlatform $Platform -RequireSame Revision
if ($release.Status -eq 'Planned') {
    return $release
}

$problem = $release | Test-FatManifest -RequirePlatform $Platform -Detailed | Where-Object Severity -EQ Error
if ($problem) {
    throw "$release is not to be released: $($problem.Message -join '; ')"
}

$major, $minor, $null = $Version -split '\.'
if ($PSCmdlet.ShouldProcess("${Repository}:$major.$minor and ${Repository}:latest", "Move to $release")) {
    $null = $release | Copy-ArchImage -Destination "${Repository}:$major.$minor", "${Repository}:latest"
}
$release
