#!/bin/bash
# Runs the quickstart, and a registry, with the Host as published for another platform: Linux arm64 under qemu-user-static, or Windows under
# wine. Prints `passed NAME` or `failed NAME` for each check and ends with 1 where one failed. `run.sh PLATFORM ARGUMENTS` only runs the Host,
# once. Everything is below obj/platforms; the unpacked packages and the Wine folder are kept for the next run.
set -euo pipefail

seconds=900
root=$(cd "$(dirname "$0")/../.." && pwd)
platform=${1:-}
# Not below out/: the Host searches that for modules, all folders down, and Wine's drive Z is this whole machine.
work=$root/obj/platforms/$platform

failures=0

# check NAME COMMAND...: one counted check.
check() {
    local name=$1
    shift
    if "$@"; then
        echo "passed $platform: $name"
    else
        echo "failed $platform: $name"
        failures=$((failures + 1))
    fi
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Building the module's project stages the module, which the publish puts beside the Host.
publish() {
    rm -rf "$work/app"
    dotnet publish "$root/src/MultiArchImage.Host" --configuration "${CONFIGURATION:-Release}" --property:PublishRuntime="$platform" \
        --output "$work/app" --nologo --verbosity quiet
}

# What .NET itself needs of an arm64 Debian. It is unpacked and not installed, and kept for the next run.
unpack_arm64() {
    [ -e "$work/root/complete" ] && return
    rm -rf "$work/packages" "$work/root"
    mkdir -p "$work/packages" "$work/root"
    if ! apt-cache show libc6:arm64 > /dev/null 2>&1; then
        as_root dpkg --add-architecture arm64
        as_root apt-get --quiet=2 update
    fi
    (
        cd "$work/packages"
        apt-get --quiet=2 --option APT::Sandbox::User=root download \
            libc6:arm64 libgcc-s1:arm64 libstdc++6:arm64 libssl3:arm64 zlib1g:arm64
        for package in *.deb; do dpkg -x "$package" "$work/root"; done
    )
    touch "$work/root/complete"
}

run_host() {
    case $platform in
        linux-arm64)
            DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 timeout "$seconds" \
                qemu-aarch64-static -L "$work/root" "$work/app/MultiArchImage.Host" "$@"
            ;;
        win-x64)
            timeout "$seconds" wine "$work/app/MultiArchImage.Host.exe" "$@"
            ;;
    esac
}

# The path of a file as the platform writes it: Wine shows the whole file system as drive Z.
path_of() {
    case $platform in
        win-x64) printf 'Z:%s' "${1//\//\\}" ;;
        *) printf '%s' "$1" ;;
    esac
}

prepare() {
    case $platform in
        linux-arm64)
            unpack_arm64
            ;;
        win-x64)
            export WINEPREFIX=$work/wine WINEDEBUG=-all
            [ -e "$WINEPREFIX/system.reg" ] || wine wineboot --init > "$work/wineboot.log" 2>&1
            # Wine's own processes stay behind the last program for a while.
            trap 'wineserver --kill 2> /dev/null || true' EXIT
            ;;
    esac
}

runs_the_quickstart() {
    rm -rf "$work/quickstart"
    run_host "$(path_of "$root/docs/examples/quickstart.ps1")" -Path "$(path_of "$work/quickstart")" > "$work/quickstart.log" 2>&1 \
        || { cat "$work/quickstart.log"; return 1; }
}

# Each entry of a fat manifest is shown with its platform and its digest. Before, the images that were built are shown alike.
shows_both_platforms() {
    local shown architecture
    shown=$(sed '1,/^Publishing /d' "$work/quickstart.log")
    for architecture in amd64 arm64; do
        grep --quiet "linux/$architecture  *sha256:[0-9a-f]*  *[0-9.]* k*B" <<< "$shown" || { cat "$work/quickstart.log"; return 1; }
    done
}

# Down to the layers of each image, as the digests are checked on the way.
wrote_what_skopeo_reads() {
    local architecture
    for architecture in amd64 arm64; do
        rm -rf "$work/copy"
        skopeo copy --quiet --override-os linux --override-arch "$architecture" \
            "oci:$work/quickstart/published:latest" "dir:$work/copy" || return 1
    done
}

serves_a_registry() {
    rm -rf "$work/registry"
    run_host "$(path_of "$root/tests/platforms/local-registry.ps1")" -Path "$(path_of "$work/registry")" > "$work/registry.log" 2>&1 \
        || { cat "$work/registry.log"; return 1; }
}

case $platform in
    linux-arm64 | win-x64) ;;
    *) echo "usage: $0 linux-arm64|win-x64 [ARGUMENTS]" >&2; exit 2 ;;
esac
shift
mkdir -p "$work"
publish
prepare
if [ $# -gt 0 ]; then
    run_host "$@"
    exit
fi
check 'the quickstart runs' runs_the_quickstart
check 'the quickstart shows both platforms of the fat manifest' shows_both_platforms
check 'skopeo reads the layout that the quickstart wrote' wrote_what_skopeo_reads
# On Windows it stands on http.sys, of which Wine has only a part.
if [ "$platform" = linux-arm64 ]; then check 'the local registry serves and keeps' serves_a_registry; fi
[ "$failures" -eq 0 ]
