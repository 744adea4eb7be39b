#!/bin/bash
# Runs the quickstart under the PowerShell engine of another platform: `run.sh linux-arm64` (emulated by qemu) or `run.sh win-x64` (Wine).
# Prints one line `passed NAME` or `failed NAME` for each check; ends with 1 where one failed. Needs qemu-user-static or wine, and skopeo;
# keeps what it made below out/platforms.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly platform=${1:-}
readonly configuration=${CONFIGURATION:-Release}
readonly made=$PWD/out/platforms
readonly published=$made/$platform
readonly seconds=300
failures=0

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

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

publish() {
    rm -rf "$published"
    dotnet publish src/MultiArchImage.Host --configuration "$configuration" --property:PublishRuntime="$platform" --output "$published" \
        --nologo --verbosity quiet
}

# The libraries that .NET loads, from Debian, in a folder that qemu takes for the root: nothing of another architecture is installed.
arm64_root() {
    local root=$made/debian-arm64 packages
    [ -e "$root/complete" ] && return
    packages=$(mktemp -d)
    if ! dpkg --print-foreign-architectures | grep --quiet --line-regexp arm64; then
        as_root dpkg --add-architecture arm64
        as_root apt-get --quiet=2 update
    fi
    (
        cd "$packages"
        apt-get --quiet=2 --option APT::Sandbox::User=root download libc6:arm64 libgcc-s1:arm64 libstdc++6:arm64 libssl3:arm64 zlib1g:arm64
        for package in *.deb; do dpkg -x "$package" "$root"; done
    )
    rm -r "$packages"
    touch "$root/complete"
}

# run_host ARGUMENT...: the published Host on its platform.
run_host() {
    case $platform in
        linux-arm64) timeout "$seconds" qemu-aarch64-static -L "$made/debian-arm64" "$published/MultiArchImage.Host" "$@" ;;
        win-x64) timeout "$seconds" wine "$published/MultiArchImage.Host.exe" "$@" ;;
    esac
}

# A path of this machine as the platform names it.
native_path() { if [ "$platform" = win-x64 ]; then echo "Z:${1//\//\\}"; else echo "$1"; fi; }

passes_on_the_exit_code() {
    local code=0
    run_host -NoProfile -Command 'exit 42' > /dev/null 2> "$scratch/errors" || code=$?
    [ "$code" -eq 42 ] || { echo "ended with $code instead of 42:"; cat "$scratch/errors"; return 1; }
}

runs_the_quickstart() {
    local code=0
    run_host docs/examples/quickstart.ps1 -Path "$(native_path "$scratch/quickstart")" > "$scratch/output" 2> "$scratch/errors" || code=$?
    [ "$code" -eq 0 ] || { echo "ended with $code:"; cat "$scratch/output" "$scratch/errors"; return 1; }
}

# The table has a line for each platform: digest, size and reference follow.
shows_the_fat_manifest() {
    local architecture
    for architecture in amd64 arm64; do
        grep --quiet "linux/$architecture.*sha256:" "$scratch/output" || { echo "no linux/$architecture in:"; cat "$scratch/output"; return 1; }
    done
}

# skopeo of this machine reads what the other platform wrote, down to the layers of each image.
wrote_what_others_read() {
    local architecture
    for architecture in amd64 arm64; do
        skopeo copy --quiet --override-os linux --override-arch "$architecture" \
            "oci:$scratch/quickstart/published:latest" "dir:$scratch/$architecture" || return 1
    done
}

case $platform in
    linux-arm64) arm64_root ;;
    win-x64) ;;
    *) echo "usage: $0 linux-arm64|win-x64" >&2; exit 2 ;;
esac
publish

scratch=$(mktemp -d)
clean_up() {
    # Wine's own server outlives its programs, and holds the folder.
    [ "$platform" != win-x64 ] || WINEPREFIX=$scratch/wine wineserver --kill --wait 2> /dev/null || true
    rm -rf "$scratch"
}
trap clean_up EXIT

export HOME=$scratch/home DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 POWERSHELL_TELEMETRY_OPTOUT=1
mkdir "$HOME"
if [ "$platform" = win-x64 ]; then
    # Without its debugger a crash is an exit code instead of pages of registers.
    export WINEPREFIX=$scratch/wine WINEDEBUG=-all WINEDLLOVERRIDES='winedbg.exe=' DISPLAY=
    wineboot --init > "$scratch/wineboot" 2>&1
fi

check "the engine starts and passes on the exit code" passes_on_the_exit_code
check "the quickstart runs" runs_the_quickstart
check "the quickstart shows the fat manifest of both platforms" shows_the_fat_manifest
check "the layout it wrote is read by skopeo" wrote_what_others_read
[ "$failures" -eq 0 ]
