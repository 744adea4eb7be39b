# Pushes to a registry of its own, copies within it and pulls from it: run.sh runs this on another platform. Nothing but an error tells of a failure.
param([Parameter(Mandatory)] [string] $Path)
$ErrorActionPreference = 'Stop'

$registry = Start-ArchRegistry "$Path/served"
try {
    $fat = New-ArchImage "$PSScriptRoot/../../docs/examples/hello" -Repository "$registry/team/app" -Tag '1.0-{arch}' -Platform linux/amd64, linux/arm64 -Output "oci:$Path/built" |
        Publish-ArchImage | New-FatManifest -RequirePlatform linux/amd64, linux/arm64
    $null = Copy-ArchImage "$registry/team/app:1.0" "$registry/other/app:1.0"
    $pulled = Copy-ArchImage "$registry/other/app:1.0" "oci:$Path/pulled:1.0"
    if ("$($pulled.Digest)" -ne "$($fat.Digest)") { throw "pulled $($pulled.Digest), and not $($fat.Digest)" }
}
finally { $registry | Stop-ArchRegistry }
$kept = Get-FatManifest "oci:$Path/served/other/app:1.0"
if ("$($kept.Digest)" -ne "$($fat.Digest)") { throw "kept $($kept.Digest), and not $($fat.Digest)" }
"$($fat.Digest) pushed, copied, pulled and kept"
