#!/usr/bin/env -S pwsh -NoProfile -NonInteractive
# Copies a tested fat manifest, whole and by digest, with its signatures, to where it is released. What is released already stays as it is.
$ErrorActionPreference = 'Stop'
Import-Module MultiArchImage

if ($env:SETTINGS_FILE) {
    $env:CONTAINER_STAGING_REGISTRY, $env:CONTAINER_RELEASE_REGISTRY | Connect-ArchRegistry -MavenSettings $env:SETTINGS_FILE -SessionOnly
}
$staged = "$env:CONTAINER_STAGING_REGISTRY/${env:DOCKER_NAME}:$env:STAGED_TAG"
$required = -split $env:REQUIRED_PLATFORMS
$findings = Test-FatManifest $staged -RequirePlatform $required -Detailed
if ($findings) { $findings; throw "$staged is not to be released" }
Get-FatManifest $staged -IndexOnly |
    Copy-ArchImage -Destination "$env:CONTAINER_RELEASE_REGISTRY/${env:DOCKER_NAME}:$env:RELEASE_TAG" -IncludeReferrers -NoClobber
