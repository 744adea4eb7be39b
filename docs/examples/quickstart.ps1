<#
.SYNOPSIS
    From one Dockerfile to one name that works on amd64 and arm64, with no Docker and no registry.
.DESCRIPTION
    Builds the image of a small program for two platforms, publishes both, joins them into a fat manifest, and shows it. Everything is kept
    in OCI image layouts, which are plain folders.
.PARAMETER Path
    The folder to work in; a new one in the temporary folder where it is left out.
.EXAMPLE
    ./quickstart.ps1
.EXAMPLE
    ./quickstart.ps1 -Path ./trial
#>
[CmdletBinding()]
param(
    [string] $Path = [IO.Path]::Combine([IO.Path]::GetTempPath(), "multiarchimage-$([Guid]::NewGuid().ToString('N').Substring(0, 8))")
)
$ErrorActionPreference = 'Stop'
$platforms = 'linux/amd64', 'linux/arm64'

# In a PowerShell where the module is not installed: the one that `dotnet build` left in this repository.
if (-not (Get-Command New-ArchImage -ErrorAction Ignore)) {
    Import-Module ([IO.Directory]::GetFiles("$PSScriptRoot/../../out/MultiArchImage", 'MultiArchImage.psd1', 'AllDirectories')[0])
}

"Building docs/examples/hello for $($platforms -join ' and ') ..."
New-ArchImage "$PSScriptRoot/hello" -Repository example/hello -Tag '{arch}-latest' -Platform $platforms -Output "oci:$Path/build" -OutVariable images

'Publishing the images and joining them under the name without the architecture ...'
$images | Publish-ArchImage -Destination "oci:$Path/published" | New-FatManifest -RequirePlatform $platforms | Out-Default

'The image for another machine, picked by that name:'
Receive-ArchImage "oci:$Path/published:latest" -Platform linux/arm64 -Destination "oci:$Path/arm64"

@"
The fat manifest is in $Path. Try next:

    Get-FatManifest 'oci:$Path/published:*'
    Get-ArchImage 'oci:$Path/published:*' -Platform linux/arm64
    Publish-ArchImage 'oci:$Path/published:arm64-latest' -Destination your.registry/your/hello

With a Docker Engine and a registry the same three commands do the same:

    New-ArchImage . -Repository your/hello -Tag '{arch}-latest' -Platform linux/amd64, linux/arm64 |
        Publish-ArchImage | New-FatManifest -RequirePlatform linux/amd64, linux/arm64
"@
