#!/bin/bash
# Runs all tests against the real parts: a Docker Engine, a registry, skopeo, and the PowerShell engine on other platforms. Needs Debian with git
# and the .NET SDK; installs what else is missing, and needs root or sudo for that and for the engine. Ends what it started.
# The last line is `N passed, N failed, N skipped`; the exit code is 0 only where all tests ran and passed. Logs are in out/tests.
set -euo pipefail
cd "$(dirname "$0")/.."

export CONFIGURATION=Release DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
export PATH=$PATH:/usr/sbin:/sbin
readonly logs=$PWD/out/tests
readonly platforms=(win-x64 linux-arm64)
# command:package
readonly needed=(
    dockerd:docker.io docker:docker.io docker-registry:docker-registry skopeo:skopeo htpasswd:apache2-utils curl:curl git:git pgrep:procps
    qemu-aarch64-static:qemu-user-static wine:wine
)

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

say() { echo "== $*"; }

# quietly LOG COMMAND...: shows the command's output only where it fails.
quietly() {
    local log=$logs/$1
    shift
    "$@" > "$log" 2>&1 || { cat "$log"; return 1; }
}

install_missing() {
    local entry missing=()
    for entry in "${needed[@]}"; do
        command -v "${entry%%:*}" > /dev/null || missing+=("${entry#*:}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing ${missing[*]}"
    quietly apt-update.log as_root apt-get --quiet=2 update
    quietly apt-install.log as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 install --yes --no-install-recommends "${missing[@]}"
}

start_engine() {
    # Short: the path of a Unix socket has 107 characters at most.
    engine=$(mktemp -d /tmp/engine.XXXXXX)
    chmod 755 "$engine"
    quietly engine.log as_root sh tests/testbed/engine.sh start "$engine"
    [ "$(id -u)" -eq 0 ] || sudo chown "$(id -u)" "$engine/docker.sock"
    export MULTIARCHIMAGE_TEST_DOCKER_HOST=unix://$engine/docker.sock
}

clean_up() {
    trap '' INT TERM
    [ -z "${tests:-}" ] || kill "$tests" 2> /dev/null || true
    [ -z "${others:-}" ] || kill "$others" 2> /dev/null || true
    wait || true
    if [ -n "${engine:-}" ]; then
        as_root sh tests/testbed/engine.sh stop "$engine"
        as_root cp "$engine/log" "$logs/dockerd.log" || true
        as_root rm -rf "$engine"
    fi
}

run_platforms() {
    local platform child=
    trap '[ -z "$child" ] || kill "$child"; exit 1' TERM
    for platform in "${platforms[@]}"; do
        bash tests/platforms/run.sh "$platform" > "$logs/$platform.log" 2>&1 &
        child=$!
        wait "$child" || echo "ended with $?" >> "$logs/$platform.log"
    done
}

# counted WORD: the number behind the word in the summary of `dotnet test`.
counted() { sed -n "s/^ *$1: *\([0-9]*\) *$/\1/p" "$logs/dotnet-test.log" | tail -n 1; }

# Adds the platforms' lines up. A platform that ended without any line is a failure.
count_platforms() {
    local platform log
    for platform in "${platforms[@]}"; do
        log=$logs/$platform.log
        passed=$((passed + $(grep -c '^passed ' "$log" || true)))
        failed=$((failed + $(grep -c '^failed ' "$log" || true)))
        if ! grep -q '^passed \|^failed ' "$log" || { grep -q '^ended with' "$log" && ! grep -q '^failed ' "$log"; }; then
            failed=$((failed + 1))
        fi
        if grep -q '^failed \|^ended with' "$log"; then cat "$log"; else grep '^passed ' "$log"; fi
    done
}

report() {
    local passed failed skipped
    passed=$(counted succeeded)
    failed=$(counted failed)
    skipped=$(counted skipped)
    if [ -z "$passed" ] || [ "$test_code" -ne 0 ] || [ "${skipped:-0}" -ne 0 ]; then
        cat "$logs/dotnet-test.log"
    else
        grep ' passed (' "$logs/dotnet-test.log" | sort -u | sed 's/^ *.*\///'
    fi
    passed=${passed:-0} failed=${failed:-0} skipped=${skipped:-0}
    # A run that broke off without naming a test that failed.
    if [ "$test_code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
    count_platforms
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$passed" -gt 0 ] && [ "$failed" -eq 0 ] && [ "$skipped" -eq 0 ]
}

mkdir -p "$logs"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

install_missing
say "Building"
quietly build.log dotnet build MultiArchPS.sln --configuration "$CONFIGURATION" --verbosity quiet
say "Starting a Docker Engine"
quietly busybox.log as_root sh tests/testbed/busybox.sh "$logs/busybox"
export MULTIARCHIMAGE_TEST_BUSYBOX=$logs/busybox
start_engine

say "Testing; on ${platforms[*]} meanwhile"
run_platforms &
others=$!
dotnet test --solution MultiArchPS.sln --configuration "$CONFIGURATION" --no-build --no-ansi --no-progress > "$logs/dotnet-test.log" 2>&1 &
tests=$!
test_code=0
wait "$tests" || test_code=$?
tests=
wait "$others" || true
others=
report
