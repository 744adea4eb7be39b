#!/bin/bash
# Runs the tests, the quickstart and a registry as published for another platform: Linux arm64 under qemu-user-static, or Windows under wine.
# Prints `passed NAME` or `failed NAME` for each check, and for the tests of a project how many they are: `passed 543 NAME`. Ends with 1 where one
# failed or was skipped. `run.sh PLATFORM --publish` only publishes, and `run.sh PLATFORM --published` runs what that left: two platforms may be run
# beside each other, and published only one after the other. `run.sh PLATFORM ARGUMENTS` only runs the Host, once; `run.sh PLATFORM --tests PROJECT
# ARGUMENTS` the tests of a project, with arguments of xunit's runner. Everything is below obj/platforms; what was built, the unpacked packages and the
# Wine folder are kept for the next run.
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

# Building the module's project stages the module, which the publish puts beside the Host; the tests find both there.
publish() {
    dotnet build "$root/tests/platforms/Publish.proj" --property:Configuration="${CONFIGURATION:-Release}" --property:PublishRuntime="$platform" \
        --property:PublishDir="$work/app/" --nologo --verbosity quiet
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

# run PROGRAM ARGUMENTS...: runs a program that was published.
run() {
    local program=$work/app/$1
    shift
    case $platform in
        linux-arm64) timeout "$seconds" qemu-aarch64-static "$program" "$@" ;;
        win-x64) timeout "$seconds" wine "$program.exe" "$@" ;;
    esac
}

run_host() { run MultiArchImage.Host "$@"; }

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
            export QEMU_LD_PREFIX=$work/root DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
            # qemu follows code that is rewritten while other threads run it only almost always: .NET compiles each method once, and for good.
            export DOTNET_TieredCompilation=0 DOTNET_EnableWriteXorExecute=0 DOTNET_gcConcurrent=0
            # For programs that the tests start.
            MULTIARCHIMAGE_TEST_EMULATOR=$(command -v qemu-aarch64-static)
            export MULTIARCHIMAGE_TEST_EMULATOR
            ;;
        win-x64)
            export WINEPREFIX=$work/wine WINEDEBUG=-all MULTIARCHIMAGE_TEST_WINE=$work/wine
            # Two views of one memory, as .NET has them to write code it may not execute, Wine gets wrong: finalizers of generated code then crash.
            export DOTNET_EnableWriteXorExecute=0
            [ -e "$WINEPREFIX/system.reg" ] || { wine wineboot --init && wine winecfg -v win10; } > "$work/wineboot.log" 2>&1
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

# How many tests of a project need what the platform lacks; a theory counts as one.
count_left_out() {
    run "MultiArchImage.$1.Tests" -noColor -list full/json | tr '{' '\n' | grep --count "\"Needs\":\[[^]]*\"\($(IFS='|'; echo "${lacks[*]}" | sed 's/|/\\|/g')\)\"" || true
}

# run_tests PROJECT ARGUMENTS...
run_tests() {
    local project=$1 log=$work/$1.log part without=()
    shift
    for part in "${lacks[@]}"; do without+=(-trait- "Needs=$part"); done
    run "MultiArchImage.$project.Tests" -noColor -noLogo -maxThreads "$threads" "${without[@]}" "$@" > "$log" 2>&1 < /dev/null || true
    # The last summary of the runner; a crash leaves none.
    sed -n 's/.*Total: \([0-9]*\), Errors: \([0-9]*\), Failed: \([0-9]*\), Skipped: \([0-9]*\).*/\1 \2 \3 \4/p' "$log" | tail -n 1
}

# check_tests PROJECT: its tests as one counted line, and what was left out of them.
check_tests() {
    local project=$1 total errors failed skipped choice
    read -ra choice -d '' <<< "${chosen[$project]:-}" || true
    read -r total errors failed skipped <<< "$(run_tests "$project" "${choice[@]}")" || true
    # An emulator that crashes itself tells nothing of the tests: once more.
    if [ -z "${total:-}" ] && grep --quiet '^qemu: uncaught target signal\|^Fatal error\.$' "$work/$project.log"; then
        read -r total errors failed skipped <<< "$(run_tests "$project" "${choice[@]}")" || true
    fi
    if [ -z "${total:-}" ]; then
        tail -n 40 "$work/$project.log"
        total=1 errors=1 failed=0 skipped=0
    fi
    if [ $((errors + failed + skipped)) -gt 0 ]; then
        grep --after-context=12 ' \[\(FAIL\|SKIP\)\]' "$work/$project.log" || true
        echo "failed $((errors + failed + skipped)) $platform: $project"
        failures=$((failures + 1))
    fi
    echo "passed $((total - errors - failed - skipped)) $platform: $project${choice[*]:+ (${choice[*]})}, $(count_left_out "$project") left out that need ${lacks[*]}"
}

# What a platform lacks of what tests need: tests/MultiArchImage.Testbed/Part.cs says what each is. An engine and other programs of the machine
# itself tell nothing of the platform. As Windows all other tests run. On an emulated processor they would take a quarter of an hour: of the two larger
# projects it has, in the words of xunit's runner, all but the longest, and what a platform can have its own way in: paths, folders, archives, the
# registry.
declare -A chosen=()
case $platform in
    linux-arm64)
        lacks=(Engine Peers Windows Speed)
        threads=2
        chosen[Oci]='-class- *.ParserPropertyTests -class- *.OddDocumentTests -class- *.FaultTests -class- *.TokenTests -class- *.ResumeTests
            -class- *.NestedIndexTests -class- *.UpdateTests -class- *.RoundTripTests -class- *.HostileJsonTests -class- *.HostileLayerTests'
        chosen[Cmdlets]='-class *.PathTests -class *.LayoutPipelineTests -class *.ArchivePipelineTests -class *.HandoffTests -class *.LocalRegistryTests'
        ;;
    win-x64)
        lacks=(Engine Peers Git HttpListener Keys UnixFiles UnixProcesses Speed)
        # Wine's processes wait for each other more than they compute.
        threads=6
        ;;
    *) echo "usage: $0 linux-arm64|win-x64 [ARGUMENTS]" >&2; exit 2 ;;
esac
shift
# The machine's engine and its programs are not the platform's.
unset MULTIARCHIMAGE_TEST_DOCKER_HOST MULTIARCHIMAGE_TEST_BUSYBOX MULTIARCHIMAGE_TEST_PEERS
mkdir -p "$work"
case ${1:-} in
    --publish) publish; exit ;;
    --published) shift ;;
    *) publish ;;
esac
prepare
if [ "${1:-}" = --tests ]; then
    shift
    run_tests "$@"
    cat "$work/$1.log"
    exit
fi
if [ $# -gt 0 ]; then
    run_host "$@"
    exit
fi
for project in Oci Building Cmdlets; do check_tests "$project"; done
check 'the quickstart runs' runs_the_quickstart
check 'the quickstart shows both platforms of the fat manifest' shows_both_platforms
check 'skopeo reads the layout that the quickstart wrote' wrote_what_skopeo_reads
# On Windows it stands on http.sys, of which Wine has only a part (Part.HttpListener).
if [ "$platform" = linux-arm64 ]; then check 'the local registry serves and keeps' serves_a_registry; fi
[ "$failures" -eq 0 ]
