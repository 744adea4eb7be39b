#!/usr/bin/env -S pwsh -NoProfile -NonInteractive
# Copies a tested fat manifest, whole and by digest, with its signatures, to where it is released. What is released already stays as it is.
$ErrorActionPreference = 'Stop'
Import-Module MultiArchImage

if ($env:SETTINGS_FILE) {
    $env:CONTAINER_STAGING_REGISTRY, $env:CONTAINER_RELEASE_REGISTRY | Connect-ArchRegistry -MavenSettings $env:SETTINGS_FILE -SessionOnly | Out-Host
}
# By its digest: what is looked at is what is released, whatever the tag means a second later.
$staged = Get-FatManifest "$env:CONTAINER_STAGING_REGISTRY/${env:DOCKER_NAME}:$env:STAGED_TAG" -IndexOnly
$tested = "$($staged.Registry)/$($staged.Repository)@$($staged.Digest)"
$findings = Test-FatManifest $tested -RequirePlatform (-split $env:REQUIRED_PLATFORMS) -Deep -Detailed
$findings | Out-Host
if ($findings.Severity -contains 'Error') { throw "$($staged.Reference) is not to be released" }
# What was released already may have got signatures of its own since, which stay.
$name = "$env:CONTAINER_RELEASE_REGISTRY/${env:DOCKER_NAME}:$env:RELEASE_TAG"
$isReleased = (Get-FatManifest $name -IndexOnly -ErrorAction Ignore).Digest -eq $staged.Digest
$staged | Copy-ArchImage -Destination $name -IncludeReferrers:(-not $isReleased) -NoClobber
