#!/bin/sh
# Starts or stops a Docker Engine of its own for the tests: `engine.sh start DIR`, `engine.sh stop DIR`. Root, Linux; needs docker.io and
# qemu-user-static. Its socket is DIR/docker.sock, its log DIR/log, all its data is below DIR.
set -eu

engine_seconds=60
binfmt=/proc/sys/fs/binfmt_misc

usage() {
    echo "usage: $0 start|stop DIR" >&2
    exit 2
}

# RUN steps for arm64 need the kernel to know qemu. The flag F opens the interpreter now, so that it also works inside containers.
register_arm64() {
    [ -e "$binfmt/register" ] || mount -t binfmt_misc binfmt_misc "$binfmt"
    [ -e "$binfmt/qemu-aarch64" ] && return
    qemu=$(command -v qemu-aarch64-static)
    # The header of an aarch64 ELF file and its mask, as Debian's package registers them.
    magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
    mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
    printf '%s' ":qemu-aarch64:M::$magic:$mask:$qemu:F" > "$binfmt/register"
}

answers() {
    curl --silent --fail --max-time 2 --output /dev/null --unix-socket "$1/docker.sock" http://engine/_ping
}

start() {
    mkdir -p "$1"
    if answers "$1"; then
        echo "already running in $1"
        return
    fi
    rm -f "$1/pid"
    nohup dockerd --data-root "$1/data" --exec-root "$1/exec" --host "unix://$1/docker.sock" --pidfile "$1/pid" > "$1/log" 2>&1 < /dev/null &
    waited=0
    until answers "$1"; do
        waited=$((waited + 1))
        if [ "$waited" -gt "$engine_seconds" ] || ! kill -0 $! 2> /dev/null; then
            echo "the engine did not start; the end of $1/log:" >&2
            tail -n 20 "$1/log" >&2
            exit 1
        fi
        sleep 1
    done
}

stop() {
    [ -f "$1/pid" ] || return 0
    pid=$(cat "$1/pid")
    kill "$pid" 2> /dev/null || return 0
    waited=0
    while kill -0 "$pid" 2> /dev/null && [ "$waited" -lt "$engine_seconds" ]; do
        waited=$((waited + 1))
        sleep 1
    done
    # Where this machine's mounts are private, the engine mounts its data folder on itself, and may leave that behind.
    grep --only-matching " $1/[^ ]* " /proc/mounts | sort --reverse | while read -r mounted; do umount "$mounted" || true; done
}

[ $# -eq 2 ] || usage
PATH=$PATH:/usr/sbin:/sbin
case $1 in
    start) register_arm64; start "$2" ;;
    stop) stop "$2" ;;
    *) usage ;;
esac
