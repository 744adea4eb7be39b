#!/bin/bash
# Packages what is committed, twice and in different folders, and installs it as users do: with PSResourceGet from a feed, with the target Install,
# and the Host as a .NET tool. Prints `passed NAME` or `failed NAME` for each check and ends with 1 where one failed. Needs the pwsh of
# tests/testbed/pwsh.sh, at MULTIARCHIMAGE_TEST_PWSH.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
pwsh=$MULTIARCHIMAGE_TEST_PWSH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
one=$work/one
# Neither as long nor as deep.
other=$work/in/another/folder
failures=0

check() {
    local name=$1
    shift
    if "$@" > "$work/output" 2>&1; then
        echo "passed package: $name"
    else
        echo "failed package: $name"
        cat "$work/output"
        failures=$((failures + 1))
    fi
}

package() {
    local folder
    for folder in "$one" "$other"; do
        git clone --quiet "$root" "$folder"
        dotnet build "$folder/module/Package.proj" --nologo --verbosity quiet
    done
}

is_the_same_to_the_byte() {
    local file
    [ "$(ls "$one"/out/*.nupkg | wc -l)" -eq 2 ] || return 1
    for file in "$one"/out/*.nupkg; do cmp "$file" "$other/out/$(basename "$file")" || return 1; done
}

# A home of its own: PSResourceGet keeps a list of repositories there.
installs_from_a_feed() {
    mkdir -p "$work/feed" "$work/saved" "$work/home"
    cp "$one"/out/MultiArchImage.[0-9]*.nupkg "$work/feed"
    HOME=$work/home "$pwsh" -NoProfile -NonInteractive -Command "
        \$ErrorActionPreference = 'Stop'
        Register-PSResourceRepository -Name feed -Uri '$work/feed' -Trusted
        \$found = Find-PSResource MultiArchImage -Repository feed
        if ('multiarch' -notin \$found.Tags -or -not \$found.LicenseUri -or -not \$found.ReleaseNotes) { throw 'it does not say what the Gallery asks for' }
        Save-PSResource MultiArchImage -Repository feed -Path '$work/saved'
        Import-Module (Get-ChildItem '$work/saved/MultiArchImage/*/MultiArchImage.psd1').FullName
        if (-not (Get-Help New-FatManifest).Synopsis) { throw 'it has no help' }
        New-ArchImage '$root/docs/examples/hello' -Tag '{arch}' -Platform linux/arm64 -Output 'oci:$work/built'"
}

is_published_by_psresourceget() {
    mkdir -p "$work/published"
    HOME=$work/home "$pwsh" -NoProfile -NonInteractive -Command "
        \$ErrorActionPreference = 'Stop'
        Register-PSResourceRepository -Name published -Uri '$work/published' -Trusted
        Publish-PSResource -Path (Get-Item '$one/out/MultiArchImage/*').FullName -Repository published"
    ls "$work"/published/MultiArchImage.*.nupkg
}

installs_into_the_users_folder() {
    XDG_DATA_HOME=$work/data dotnet build "$one/module/Package.proj" --nologo --verbosity quiet -target:Install
    XDG_DATA_HOME=$work/data "$pwsh" -NoProfile -NonInteractive -Command "
        \$module = Get-Module MultiArchImage -ListAvailable
        if (\$module.Path -notlike '$work/data/powershell/Modules/*') { throw \"it is \$(\$module.Path)\" }"
}

has_the_host_as_a_tool() {
    dotnet tool install MultiArchImage.Host --tool-path "$work/tool" --add-source "$one/out"
    "$work/tool/multiarchimage" -Command "Test-FatManifest oci:$work/none:1.0" | grep --quiet False
}

package > "$work/build" 2>&1 || { cat "$work/build"; echo 'failed package: it is built'; exit 1; }
check 'two folders give the same packages to the byte' is_the_same_to_the_byte
check 'PSResourceGet finds it in a feed and saves what works' installs_from_a_feed
check 'PSResourceGet publishes the folder' is_published_by_psresourceget
check 'Install puts it where PowerShell finds it' installs_into_the_users_folder
check 'the Host is a tool with the module' has_the_host_as_a_tool
[ "$failures" -eq 0 ]
