#!/usr/bin/env -S pwsh -NoProfile -NonInteractive
# Joins the images that the builds of this run pushed, all of one commit, under the name without the architecture. With NAME in DOCKER_NAME or
# DOCKER_TAG, this is one fat manifest for each folder of DOCKER_ROOT that has a Dockerfile.
$ErrorActionPreference = 'Stop'
Import-Module MultiArchImage

if ($env:SETTINGS_FILE) { Connect-ArchRegistry $env:CONTAINER_PUSH_REGISTRY -MavenSettings $env:SETTINGS_FILE -SessionOnly | Out-Host }

$root = if ($env:DOCKER_ROOT) { $env:DOCKER_ROOT } else { $env:WORKSPACE }
# NAME, ARCH and TAG count where they stand alone: not in STAGING.
$mark = '(?<![A-Za-z0-9]){0}(?![A-Za-z0-9])'
$images = , ''
if ("$env:DOCKER_NAME $env:DOCKER_TAG" -cmatch ($mark -f 'NAME')) {
    $images = @(Get-ChildItem $root -Directory | Where-Object { Test-Path "$_/Dockerfile*" } | Sort-Object Name | ForEach-Object Name)
    if ($env:DOCKER_IMAGES) { $images = -split ($env:DOCKER_IMAGES -replace ';', ' ') }
    if (-not $images) { throw "$root has no folder with a Dockerfile" }
}
# An image that is not for all platforms: mysql=linux/amd64.
$only = @{}
foreach ($word in (-split "$env:IMAGE_PLATFORMS").Where{ $_ }) {
    $name, $value = $word -split '=', 2
    $only[$name] = $value -split ','
}

$tag = Resolve-ArchTag -Method ($env:CONTAINER_TAG_METHOD -replace '-')
$suffix = if ($env:BUILD_TAG_SUFFIX) { "-$env:BUILD_TAG_SUFFIX" } else { '' }
$failed = @()
foreach ($image in $images) {
    $repository = "$env:CONTAINER_PUSH_REGISTRY/$($env:DOCKER_NAME -creplace ($mark -f 'NAME'), $image)"
    $template = $env:DOCKER_TAG -creplace ($mark -f 'NAME'), $image -creplace ($mark -f 'ARCH'), '{arch}' -creplace ($mark -f 'TAG'), $tag
    $isOwn = { -not $only[$image] -or $_ -in $only[$image] }
    $required = $env:REQUIRED_PLATFORMS ? $env:REQUIRED_PLATFORMS : $env:PLATFORMS
    $join = @{
        FromTemplate    = "$($repository):$template$suffix"
        Name            = "$($repository):$($template -replace '[-_.]?\{arch}$|\{arch}[-_.]?')"
        Platform        = (-split $env:PLATFORMS).Where($isOwn)
        RequirePlatform = (-split $required).Where($isOwn)
        RequireSame     = 'Revision'
        IgnoreMissing   = $true
    }
    # Where the builds were not waited for, this job waits.
    if ($env:WAIT_TIMEOUT) { $join += @{ WaitFor = $join.RequirePlatform; WaitTimeout = $env:WAIT_TIMEOUT } }
    try { New-FatManifest @join }
    catch {
        if (-not $image) { throw }
        $failed += $image
        $Host.UI.WriteErrorLine("$($image): $_")
    }
}
if ($failed) {
    $Host.UI.WriteErrorLine("$($failed.Count) of $($images.Count) fat manifests were not made: $($failed -join ', ')")
    exit 1
}
