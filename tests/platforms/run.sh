#!/bin/bash
# Runs a script of the Host, published for another platform, with the staged module beside it: by default the quickstart, whose result is
# then checked with skopeo. `run.sh linux-arm64|win-x64 [SCRIPT [ARGUMENTS]]`. Linux arm64 needs qemu-user-static, Windows needs wine.
set -euo pipefail

seconds=900
root=$(cd "$(dirname "$0")/../.." && pwd)
platform=${1:-}
work=$root/out/platforms/$platform

fail() {
    echo "$platform: $*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

publish() {
    dotnet build "$root/src/MultiArchImage.Cmdlets" --verbosity quiet
    dotnet publish "$root/src/MultiArchImage.Host" --runtime "$platform" --self-contained --output "$work/app" --verbosity quiet
    rm -rf "$work/app/MultiArchImage"
    cp -r "$root/out/MultiArchImage" "$work/app/MultiArchImage"
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
            [ -e "$WINEPREFIX/system.reg" ] || wine wineboot --init > "$work/wineboot.log" 2>&1 || fail "Wine did not start: $work/wineboot.log"
            # Wine's own processes stay behind the last program for a while.
            trap 'wineserver --kill 2> /dev/null || true' EXIT
            ;;
    esac
}

quickstart() {
    rm -rf "$work/quickstart"
    run_host "$(path_of "$root/docs/examples/quickstart.ps1")" -Path "$(path_of "$work/quickstart")" | tee "$work/quickstart.log" \
        || fail "the quickstart failed"
    local shown raw
    # Before the line the script names the platforms that it was asked for.
    shown=$(sed '1,/^Publishing the images/d' "$work/quickstart.log")
    raw=$(skopeo inspect --raw "oci:$work/quickstart/published:latest") || fail "skopeo cannot read the layout"
    for architecture in amd64 arm64; do
        grep --quiet "linux/$architecture" <<< "$shown" || fail "the fat manifest that was shown lacks linux/$architecture"
        grep --quiet "\"architecture\": *\"$architecture\"" <<< "$raw" || fail "the fat manifest that was written lacks $architecture"
    done
}

case $platform in
    linux-arm64 | win-x64) ;;
    *) echo "usage: $0 linux-arm64|win-x64 [SCRIPT [ARGUMENTS]]" >&2; exit 2 ;;
esac
shift
mkdir -p "$work"
publish
prepare
if [ $# -eq 0 ]; then quickstart; else run_host "$@"; fi
