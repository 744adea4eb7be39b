#!/usr/bin/env -S pwsh -NoProfile -NonInteractive
# Joins the images that the builds of this run pushed, all of one commit, under the name without the architecture.
$ErrorActionPreference = 'Stop'
Import-Module MultiArchImage

if ($env:SETTINGS_FILE) { Connect-ArchRegistry $env:CONTAINER_PUSH_REGISTRY -MavenSettings $env:SETTINGS_FILE -SessionOnly }
$tag = Resolve-ArchTag -Method ($env:CONTAINER_TAG_METHOD -replace '-')
$template = "$env:CONTAINER_PUSH_REGISTRY/${env:DOCKER_NAME}:$($env:DOCKER_TAG -creplace 'ARCH', '{arch}' -creplace 'TAG', $tag)"
$join = @{
    FromTemplate    = if ($env:BUILD_TAG_SUFFIX) { "$template-$env:BUILD_TAG_SUFFIX" } else { $template }
    Name            = "$env:CONTAINER_PUSH_REGISTRY/${env:DOCKER_NAME}:$($env:DOCKER_TAG -creplace '[-_.]?ARCH$|ARCH[-_.]?' -creplace 'TAG', $tag)"
    Platform        = -split $env:PLATFORMS
    RequirePlatform = -split $env:REQUIRED_PLATFORMS
    RequireSame     = 'Revision'
    IgnoreMissing   = $env:REQUIRED_PLATFORMS -ne $env:PLATFORMS
}
New-FatManifest @join
