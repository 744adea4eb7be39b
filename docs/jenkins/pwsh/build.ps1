#!/usr/bin/env -S pwsh -NoProfile -NonInteractive
# Builds the images of DOCKER_ROOT for PLATFORM and, unless PUSH_IMAGE is false, pushes them: under the tag that moves from build to build, and
# under one of this build alone, by which the fat manifest finds them.
$ErrorActionPreference = 'Stop'
Import-Module MultiArchImage

$tag = Resolve-ArchTag -Method ($env:CONTAINER_TAG_METHOD -replace '-')
$template = $env:DOCKER_TAG -creplace 'ARCH', '{arch}' -creplace 'TAG', $tag
$words = -split "$env:DOCKER_ARGS"
$build = @{
    Path       = if ($env:DOCKER_ROOT) { $env:DOCKER_ROOT } else { $env:WORKSPACE }
    Repository = "$env:CONTAINER_PUSH_REGISTRY/$env:DOCKER_NAME"
    Tag        = $template
    Platform   = -split $env:PLATFORM
    Dockerfile = if ($env:DOCKERFILE) { $env:DOCKERFILE } else { 'Dockerfile' }
    BuildArg   = @{}
    Label      = @{ 'org.opencontainers.image.revision' = "$env:GIT_COMMIT"; 'org.opencontainers.image.version' = $tag }
    NoCache    = $words -contains '--no-cache'
    Pull       = $words -contains '--pull'
}
foreach ($word in $words -notlike '-*') {
    $name, $value = $word -split '=', 2
    $build.BuildArg[$name] = $value
}
$unknown = $words -like '-*' -notmatch '^--(build-arg|no-cache|pull)$'
if ($unknown) { throw "DOCKER_ARGS has $($unknown -join ', '): write NAME=VALUE for build arguments, --no-cache, --pull" }

$image = New-ArchImage @build
if ($env:PUSH_IMAGE -eq 'false') { return $image }
if ($env:SETTINGS_FILE) { Connect-ArchRegistry $env:CONTAINER_PUSH_REGISTRY -MavenSettings $env:SETTINGS_FILE -SessionOnly }
$image | Publish-ArchImage | ForEach-Object {
    $_
    if ($env:BUILD_TAG_SUFFIX) { $_ | Copy-ArchImage -Destination "$($_.Registry)/$($_.Repository):$($_.Tag)-$env:BUILD_TAG_SUFFIX" }
}
$image | Remove-ArchImage
