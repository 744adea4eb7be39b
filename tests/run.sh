#!/bin/bash
# Runs every test with all the real parts they need, on a Debian 12 with git and the .NET SDK: installs what is missing, starts a Docker
# Engine of its own, and stops it at the end. Its last line is `N passed, N failed, N skipped`; it ends with 0 only where tests ran, none
# failed and none was skipped. Silent about what succeeds.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly configuration=Release
export CONFIGURATION=$configuration DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Found also where a user's PATH lacks them.
PATH=$PATH:/usr/sbin:/sbin

passed=0 failed=0 skipped=0
work=$(mktemp -d)
engine=$work/engine
busybox=$PWD/out/busybox
peers=$PWD/out/peers
pwsh=$PWD/out/pwsh
# Not below out/, which the Host searches for modules, all folders down.
host=$PWD/obj/host

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo --preserve-env=DEBIAN_FRONTEND,RUNLEVEL "$@"; fi
}

# The engine and its data belong to root; the folder is removed only when it is down.
clean_up() {
    jobs -p | xargs --no-run-if-empty kill 2> /dev/null || true
    if [ -e "$engine/pid" ]; then as_root tests/testbed/engine.sh stop "$engine" || true; fi
    as_root rm -rf "$work" || true
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# quietly COMMAND...: its output is shown only where it fails.
quietly() {
    if ! "$@" > "$work/output" 2>&1; then
        cat "$work/output"
        return 1
    fi
}

# The packages of the programs that are not there.
missing_packages() {
    local program package
    while read -r program package; do
        command -v "$program" > /dev/null || echo "$package"
    done <<'PROGRAMS'
curl curl
docker-registry docker-registry
dockerd docker.io
groovy groovy
htpasswd apache2-utils
jenkins-jobs jenkins-job-builder
pgrep procps
newuidmap uidmap
podman podman
qemu-aarch64-static qemu-user-static
skopeo skopeo
wine wine
PROGRAMS
    # Where groovy looks for Java, whatever other Java there is.
    [ -e /usr/lib/jvm/default-java ] || echo default-jre-headless
}

install_missing() {
    local packages
    mapfile -t packages < <(missing_packages)
    [ "${#packages[@]}" -gt 0 ] || return 0
    echo "Installing ${packages[*]}"
    # In runlevel 1 Debian's packages start no services: the tests start their own.
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    quietly as_root apt-get --quiet=2 update
    quietly as_root apt-get --quiet=2 install --yes --no-install-recommends ca-certificates "${packages[@]}"
}

start_engine() {
    quietly as_root tests/testbed/engine.sh start "$engine"
    # Root's socket, for the user who runs the tests.
    as_root chown "$(id -u)" "$engine/docker.sock"
    export MULTIARCHIMAGE_TEST_DOCKER_HOST=unix://$engine/docker.sock
    quietly as_root tests/testbed/busybox.sh "$busybox"
    export MULTIARCHIMAGE_TEST_BUSYBOX=$busybox
}

bring_peers() {
    quietly tests/testbed/peers.sh "$peers"
    export MULTIARCHIMAGE_TEST_PEERS=$peers
}

# The Host as it is published, its engine compiled ahead: the tests start it hundreds of times.
publish_host() {
    local runtime
    case $(uname -m) in
        aarch64) runtime=linux-arm64 ;;
        *) runtime=linux-x64 ;;
    esac
    quietly dotnet publish src/MultiArchImage.Host --configuration "$configuration" --property:PublishRuntime="$runtime" --output "$host" --nologo
    export MULTIARCHIMAGE_TEST_HOST=$host/MultiArchImage.Host
}

# PowerShell itself, beside the engine that the tests host; its modules are found as a user's.
bring_pwsh() {
    quietly tests/testbed/pwsh.sh "$pwsh"
    export MULTIARCHIMAGE_TEST_PWSH=$pwsh/pwsh POWERSHELL_TELEMETRY_OPTOUT=1
}

# The number that the summary of `dotnet test` gives a word.
count_of() {
    sed -n "s/^ *$1: *\([0-9][0-9]*\).*/\1/p" "$work/tests" | tail -n 1 | grep . || echo 0
}

# A test project that broke before it counted its tests is one failure.
run_projects() {
    local code=0 failures
    dotnet test --solution MultiArchPS.sln --configuration "$configuration" --no-build --no-ansi --no-progress \
        --filter-not-trait Needs=Windows > "$work/tests" 2>&1 || code=$?
    failures=$(count_of failed)
    [ "$code" -eq 0 ] || [ "$failures" -gt 0 ] || failures=1
    passed=$((passed + $(count_of succeeded)))
    failed=$((failed + failures))
    skipped=$((skipped + $(count_of skipped)))
    if [ "$failures" -gt 0 ]; then
        cat "$work/tests"
    else
        # Why a test was skipped is told in the line after its name.
        sed -n '/^skipped /,+1p' "$work/tests"
    fi
}

# sum_of WORD FILE: what a script's lines `passed NAME`, or `passed 543 NAME` for as many tests, come to.
sum_of() {
    awk -v word="$1" '$1 == word { sum += $2 ~ /^[0-9]+$/ ? $2 : 1 } END { print sum + 0 }' "$2"
}

# count_checks FILE CODE: adds up what a script printed and how it ended. Each of its checks is a test: `passed NAME` or `failed NAME`.
count_checks() {
    local failures
    failures=$(sum_of failed "$1")
    [ "$2" -eq 0 ] || [ "$failures" -gt 0 ] || failures=1
    passed=$((passed + $(sum_of passed "$1")))
    failed=$((failed + failures))
    if [ "$failures" -gt 0 ]; then cat "$1"; else grep '^passed ' "$1"; fi
}

run_checks() {
    local code=0
    "$@" > "$work/checks" 2>&1 || code=$?
    count_checks "$work/checks" "$code"
}

# Windows under Wine mostly waits, and an emulated processor never: beside each other.
run_platforms() {
    local arm64 code=0
    quietly tests/platforms/run.sh linux-arm64 --publish
    tests/platforms/run.sh linux-arm64 --published > "$work/arm64" 2>&1 &
    arm64=$!
    run_checks tests/platforms/run.sh win-x64
    wait "$arm64" || code=$?
    count_checks "$work/arm64" "$code"
}

# One after the other but for the platforms: a test that measures time wants the machine alone.
install_missing
quietly dotnet build MultiArchPS.sln --configuration "$configuration" --nologo
publish_host
start_engine
bring_peers
bring_pwsh
run_projects
PSModulePath=$pwsh/Modules PATH=$pwsh:$PATH run_checks pwsh -NoProfile -NonInteractive -File tests/Pester/run.ps1
run_checks tests/package/run.sh
run_checks tests/jenkins/run.sh
run_platforms
clean_up
trap - EXIT

echo "$passed passed, $failed failed, $skipped skipped"
[ "$passed" -gt 0 ] && [ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ]
