#!/usr/bin/env -S pwsh -NoProfile -NonInteractive
# Builds the image of DOCKER_ROOT for PLATFORM and, unless PUSH_IMAGE is false, pushes it: under a tag of this run alone, by which the fat manifest
# finds it, and under the one that moves from run to run. With NAME in DOCKER_NAME or DOCKER_TAG, each folder of DOCKER_ROOT that has a Dockerfile is
# an image of that name, and one that fails does not keep the others from it. With JOIN=true what was pushed is joined here, without a job of its own.
$ErrorActionPreference = 'Stop'
Import-Module MultiArchImage

if (-not $env:PLATFORM) { throw 'PLATFORM is not set: write the platforms of this node, linux/amd64' }
$words = (-split "$env:DOCKER_ARGS").Where{ $_ }
$unknown = $words -like '-*' -notmatch '^--(build-arg|no-cache|pull)$'
if ($unknown) { throw "DOCKER_ARGS has $($unknown -join ', '): write NAME=VALUE for build arguments, --no-cache, --pull" }
$arguments = @{}
foreach ($word in $words -notlike '-*') {
    $name, $value = $word -split '=', 2
    $arguments[$name] = $value
}

# The images in their order. DOCKER_IMAGES says it, with ; before those that build on the ones before.
$root = if ($env:DOCKER_ROOT) { $env:DOCKER_ROOT } else { $env:WORKSPACE }
# NAME, ARCH and TAG count where they stand alone: not in STAGING.
$mark = '(?<![A-Za-z0-9]){0}(?![A-Za-z0-9])'
$images = , ''
if ("$env:DOCKER_NAME $env:DOCKER_TAG" -cmatch ($mark -f 'NAME')) {
    $images = @(Get-ChildItem $root -Directory | Where-Object { Test-Path "$_/Dockerfile*" } | Sort-Object Name | ForEach-Object Name)
    if ($env:DOCKER_IMAGES) { $images = -split ($env:DOCKER_IMAGES -replace ';', ' ; ') }
    if (-not $images) { throw "$root has no folder with a Dockerfile" }
}
# An image that is not for all platforms: mysql=linux/amd64.
$only = @{}
foreach ($word in (-split "$env:IMAGE_PLATFORMS").Where{ $_ }) {
    $name, $value = $word -split '=', 2
    $only[$name] = $value -split ','
}

$push = $env:PUSH_IMAGE -ne 'false'
$join = $push -and $env:JOIN -eq 'true'
if ($push -and $env:SETTINGS_FILE) { Connect-ArchRegistry $env:CONTAINER_PUSH_REGISTRY -MavenSettings $env:SETTINGS_FILE -SessionOnly | Out-Host }

# BuildKit has no login: what it finds in the engine it needs none for.
foreach ($base in (-split "$env:BASE_IMAGES").Where{ $_ }) {
    foreach ($platform in -split $env:PLATFORM) { Receive-ArchImage ($base -creplace ($mark -f 'ARCH'), ($platform -split '/')[1]) -Platform $platform | Out-Host }
}

# The engine too knows an image by a name of this run, so that two runs on one node do not take each other's for theirs.
$suffix = if ($env:BUILD_TAG_SUFFIX) { "-$env:BUILD_TAG_SUFFIX" } elseif (-not $push -and $env:BUILD_NUMBER) { "-verify$env:BUILD_NUMBER" } else { '' }
$tag = Resolve-ArchTag -Method ($env:CONTAINER_TAG_METHOD -replace '-')
$publish = {
    New-ArchImage @build -OutVariable +built | Publish-ArchImage @onError | ForEach-Object {
        $_
        if ($suffix) { $null = $_ | Copy-ArchImage -Destination "$($_.Registry)/$($_.Repository):$($_.Tag.Substring(0, $_.Tag.Length - $suffix.Length))" }
    }
}
# A platform that the fat manifest may lack may fail; where none is made here, each failure ends its image.
$onError = @{ ErrorAction = if ($join) { 'Continue' } else { 'Stop' } }
$begun, $failed, $built = @(), @(), @()
try {
    foreach ($image in $images) {
        if ($image -eq ';') {
            if ($failed) { break }
            continue
        }
        $begun += $image
        $platforms = (-split $env:PLATFORM).Where{ -not $only[$image] -or $_ -in $only[$image] }
        if (-not $platforms) {
            "$($image): not for $env:PLATFORM"
            continue
        }
        $repository = "$env:CONTAINER_PUSH_REGISTRY/$($env:DOCKER_NAME -creplace ($mark -f 'NAME'), $image)"
        $template = $env:DOCKER_TAG -creplace ($mark -f 'NAME'), $image -creplace ($mark -f 'ARCH'), '{arch}' -creplace ($mark -f 'TAG'), $tag
        $build = $onError + @{
            Path       = if ($image) { "$root/$image" } else { $root }
            Repository = $repository
            Tag        = "$template$suffix"
            Platform   = $platforms
            Dockerfile = if ($env:DOCKERFILE) { $env:DOCKERFILE } else { 'Dockerfile' }
            BuildArg   = $arguments
            Label      = @{ 'org.opencontainers.image.revision' = "$env:GIT_COMMIT"; 'org.opencontainers.image.version' = $tag }
            NoCache    = $words -contains '--no-cache'
            Pull       = $words -contains '--pull'
        }
        # On a node without an engine, images of a Dockerfile without RUN come into a layout.
        if ($env:BUILD_OUTPUT) { $build.Output = $env:BUILD_OUTPUT }
        try {
            if (-not $push) { New-ArchImage @build -OutVariable +built }
            elseif (-not $join) { . $publish }
            else {
                $required = $platforms.Where{ -not $env:REQUIRED_PLATFORMS -or $_ -in (-split $env:REQUIRED_PLATFORMS) }
                . $publish | New-FatManifest -Name "$($repository):$($template -replace '[-_.]?\{arch}$|\{arch}[-_.]?')" -RequirePlatform $required -IgnoreMissing
            }
        }
        catch {
            if (-not $image) { throw }
            $failed += $image
            $Host.UI.WriteErrorLine("$($image): $_")
        }
    }
}
finally {
    # What this run built, and nothing else.
    if ($env:KEEP_IMAGE -ne 'true') { $built | Remove-ArchImage -ErrorAction Continue }
}
if ($failed) {
    $all = $images.Where{ $_ -ne ';' }
    $left = $all.Where{ $_ -notin $begun }
    $after = if ($left) { "; not built after that: $($left -join ', ')" }
    $Host.UI.WriteErrorLine("$($failed.Count) of $($all.Count) images failed: $($failed -join ', ')$after")
    exit 1
}
