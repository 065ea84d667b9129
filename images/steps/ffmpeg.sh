#!/bin/sh
# Puts a static ffmpeg, which assembles recordings, at TARGET: steps/ffmpeg.sh TARGET. A fifth of what Debian's
# brings with it.
set -eu
target=$1
folder=$(mktemp -d)
python3 -m pip install --quiet --disable-pip-version-check --no-cache-dir --no-deps --target "$folder" \
  imageio-ffmpeg==0.8.1
mkdir -p "$(dirname "$target")"
cp "$folder"/imageio_ffmpeg/binaries/ffmpeg-* "$target"
chmod 755 "$target"
rm -rf "$folder"
