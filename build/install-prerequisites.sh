#!/bin/sh
# Installs what the build and the tests need and this machine lacks: Debian packages and node_modules.
set -e
cd "$(dirname "$0")/.."

packages="gcc libc6-dev musl-tools linux-libc-dev binutils zstd xz-utils dpkg-dev debian-archive-keyring
    shellcheck shfmt qemu-system-x86 mmdebstrap xorriso squashfs-tools erofs-utils e2fsprogs dosfstools
    gdisk fdisk cpio file attr"

missing=
for package in $packages; do
    status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2> /dev/null) || status=
    [ "$status" = installed ] || missing="$missing $package"
done

if [ -n "$missing" ] && [ -n "$HOLDFAST_NO_INSTALL" ]; then
    echo "These packages are missing, and HOLDFAST_NO_INSTALL is set:$missing" >&2
    exit 1
fi
if [ -n "$missing" ]; then
    echo "Installing with apt-get:$missing"
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo=sudo
    $sudo apt-get update --quiet
    # shellcheck disable=SC2086 # one word a package
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends $missing
fi

make --no-print-directory node_modules/.package-lock.json
