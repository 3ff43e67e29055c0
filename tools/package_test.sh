#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tests the packages that tools/package.sh has built, in a bare Debian 12 below a temporary folder: installs them, sends a
# request through them, upgrades them with a changed configuration file, removes and purges them.
#   tools/package_test.sh [BUILD_FOLDER]      default: build/release
# Needs root, debootstrap, and a mirror of Debian (INPAINTD_MIRROR names one; default: debootstrap's).
# INPAINTD_CHROOT names a folder with a debootstrap of variant minbase to start from; it is copied.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
[ "$(id -u)" -eq 0 ] || { echo "package_test: run as root, because of chroot" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "package_test: debootstrap is missing; install the package debootstrap" >&2; exit 1; }
ls "$build"/packages/*.deb >/dev/null || { echo "package_test: no packages in $build; run tools/package.sh" >&2; exit 1; }

root=$(mktemp -d)
clean_up() {
  for mount in dev/shm proc dev; do ! mountpoint -q "$root/$mount" || umount "$root/$mount"; done
  rm -rf --one-file-system "$root"
}
trap clean_up EXIT
step() { echo "== $* (${SECONDS} s)"; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
fails() { echo "package_test: $*" >&2; exit 1; }

step "a bare Debian 12"
if [ -n "${INPAINTD_CHROOT:-}" ]; then
  cp -a "$INPAINTD_CHROOT/." "$root"
else
  debootstrap --variant=minbase bookworm "$root" ${INPAINTD_MIRROR:+"$INPAINTD_MIRROR"} >"$root.log" 2>&1 || fails "debootstrap: $root.log"
  rm "$root.log"
fi
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"  # no service of the packages may start beside those of the host
chmod +x "$root/usr/sbin/policy-rc.d"
mkdir "$root/packages"
cp "$build"/packages/*.deb examples/demo/photo.jpg examples/demo/mask.png "$root/packages"

step "apt install ./*.deb"
SECONDS=0
inside apt-get update -q >"$root/apt.log" 2>&1 || { cat "$root/apt.log" >&2; exit 1; }
inside sh -c 'apt-get install -y -q --no-install-recommends nats-server /packages/*.deb' >"$root/apt.log" 2>&1 ||
  { tail -20 "$root/apt.log" >&2; exit 1; }
installed=$SECONDS

step "a request through the packages"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/packages/ask.sh" <<INSIDE
set -e
setpriv --reuid=inpaintd --regid=inpaintd --clear-groups inpaintd --config /etc/inpaintd/inpaintd.toml --start-nats \\
  --server nats://127.0.0.1:$port --set http.listen=127.0.0.1:0 >/packages/inpaintd.log 2>&1 &
pid=\$!
until grep -q 'serving inpaint.v1.run' /packages/inpaintd.log; do kill -0 \$pid; sleep 0.1; done
inpaint /packages/photo.jpg /packages/mask.png -o /packages/result.png --server nats://127.0.0.1:$port
kill -TERM \$pid
wait \$pid
INSIDE
inside sh /packages/ask.sh || { cat "$root/packages/inpaintd.log" >&2; exit 1; }
[ "$(head -c 4 "$root/packages/result.png" | tail -c 3)" = PNG ] || fails "the result is no PNG"
echo "   installed after $installed s, first answer after $SECONDS s"

step "the units are valid, and the pages of the manual and the users are there"
if inside sh -c 'command -v systemd-analyze' >/dev/null; then
  inside sh -c 'systemd-analyze verify --man=no /usr/lib/systemd/system/inpaint*.service' >"$root/verify.log" 2>&1 || true
  ! grep -i inpaint "$root/verify.log" || fails "a unit is not valid"
fi
for page in inpaintd inpaint-gateway inpaint inpaint-load inpaint-setup inpaint-model lama-bench; do
  [ -s "$root/usr/share/man/man1/$page.1.gz" ] || fails "no page for $page"
done
inside getent passwd inpaintd inpaint-gateway >/dev/null || fails "a user is missing"
for unit in inpaintd inpaint-gateway; do
  [ -L "$root/etc/systemd/system/multi-user.target.wants/$unit.service" ] || fails "$unit is not enabled"
done

step "an upgrade keeps a changed configuration, and puts the new one beside it"
echo '# a change of the operator' >>"$root/etc/inpaintd/inpaintd.toml"
for package in inpaintd inpaint-gateway inpaint-tools; do
  rm -rf "$root/next"
  dpkg-deb -R "$root"/packages/${package}_*.deb "$root/next"
  sed -i 's/^\(Version: .*\)/\1.1/' "$root/next/DEBIAN/control"
  rm "$root"/packages/${package}_*.deb
  [ $package != inpaintd ] || echo '# a change of the package' >>"$root/next/etc/inpaintd/inpaintd.toml"
  (cd "$root/next" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | xargs -0 md5sum >DEBIAN/md5sums)
  dpkg-deb -Zgzip -z1 -b "$root/next" "$root/packages/${package}_next.deb" >/dev/null
done
rm -rf "$root/next"
inside sh -c 'apt-get install -y -q -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold /packages/*.deb' \
  >"$root/apt.log" 2>&1 || { tail -20 "$root/apt.log" >&2; exit 1; }
for package in inpaintd inpaint-gateway inpaint-tools; do
  inside dpkg -s $package | grep -q '^Version: .*\.1$' || fails "$package is not upgraded"
done
grep -q 'change of the operator' "$root/etc/inpaintd/inpaintd.toml" || fails "the operator's change is lost"
grep -q 'change of the package' "$root/etc/inpaintd/inpaintd.toml.dpkg-dist" || fails "the package's configuration is missing"
inside sh /packages/ask.sh || { cat "$root/packages/inpaintd.log" >&2; exit 1; }

step "remove keeps the configuration, and purge leaves nothing"
inside apt-get remove -y -q inpaintd inpaint-gateway inpaint-tools >"$root/apt.log" 2>&1 || { cat "$root/apt.log" >&2; exit 1; }
[ -e "$root/etc/inpaintd/inpaintd.toml" ] || fails "remove has removed the configuration"
[ -z "$(find "$root/usr/bin" -name 'inpaint*')" ] || fails "programs are left"
inside apt-get purge -y -q inpaintd inpaint-gateway inpaint-tools >"$root/apt.log" 2>&1 || { cat "$root/apt.log" >&2; exit 1; }
left=$(find "$root/etc" "$root/usr" "$root/var/lib/systemd" "$root/var/cache" -name '*inpaint*' 2>/dev/null || true)
[ -z "$left" ] || fails "purge has left $left"
step "passed"
