#!/bin/sh
# Puts the peers that Debian 12 does not hold into a folder: DIR/crane, DIR/oras, DIR/docker-buildx, a plugin of docker, and a DIR/docker that
# knows OCI images, as that of Debian 12 does not. They are those of Debian 14, which run on Debian 12 too; apt checks their signatures, with
# lists of its own, so that nothing of the machine changes.
set -eu

[ $# -eq 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
mkdir -p "$1"
folder=$(cd "$1" && pwd)
all_there() {
    for peer in crane docker docker-buildx oras; do [ -x "$folder/$peer" ] || return 1; done
}
all_there && exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/state/lists/partial" "$work/cache/archives/partial"
cat > "$work/sources.list" <<SOURCES
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg arch=$(dpkg --print-architecture)] http://deb.debian.org/debian forky main
SOURCES

apt() {
    apt-get --quiet=2 \
        --option Dir::Etc::sourcelist="$work/sources.list" --option Dir::Etc::sourceparts=- \
        --option Dir::State="$work/state" --option Dir::State::status=/dev/null --option Dir::Cache="$work/cache" \
        --option APT::Sandbox::User="$(id -un)" --option Acquire::Languages=none "$@"
}

cd "$work"
apt update
apt download crane docker-buildx docker-cli oras
for package in ./*.deb; do dpkg -x "$package" unpacked; done
install -m 755 unpacked/usr/bin/crane unpacked/usr/bin/docker unpacked/usr/bin/oras unpacked/usr/libexec/docker/cli-plugins/docker-buildx "$folder"
