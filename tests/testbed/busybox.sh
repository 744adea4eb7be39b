#!/bin/sh
# Puts Debian's static busybox for two architectures into a folder: DIR/busybox-amd64 and DIR/busybox-arm64, the base content of test images.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
[ -x "$folder/busybox-amd64" ] && [ -x "$folder/busybox-arm64" ] && exit 0

for architecture in amd64 arm64; do
    [ "$architecture" = "$(dpkg --print-architecture)" ] || dpkg --add-architecture "$architecture"
done
apt-get --quiet=2 update
unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
# apt drops its rights to the user _apt, who must be able to write here.
chmod 755 "$unpacked"
cd "$unpacked"
for architecture in amd64 arm64; do
    apt-get --quiet=2 --option APT::Sandbox::User=root download "busybox-static:$architecture"
    dpkg -x busybox-static_*_"$architecture".deb "$architecture"
    binary=$(find "$architecture" -type f -name busybox -perm -111 | head -n 1)
    install -m 755 "$binary" "$folder/busybox-$architecture"
done
